// SPDX-License-Identifier: BSD-3-Clause
// A torrent as the backend holds it, from new_torrent to remove_torrent: its target, and the pieces that wait
// to be written to it.
//
// Jobs share it, and the last one lets go of the device. `id` is its number in keys of the cache, and is
// never used twice. storage_table holds all of them by that number; it is thread-safe.
#pragma once

#include "base/mutex.hpp"
#include "storage/backend/backpressure.hpp"
#include "storage/backend/disk_stats.hpp"
#include "storage/backend/frame_trial.hpp"
#include "storage/backend/never_written.hpp"
#include "storage/backend/read_streak.hpp"
#include "storage/backend/storage_target.hpp"
#include "storage/backend/write_queue.hpp"
#include "storage/device/device_profile.hpp"

#include <libtorrent/units.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <utility>
#include <vector>

namespace rawswarm
{

struct open_storage
{
	open_storage(std::uint32_t number, std::shared_ptr<storage_target> of, disk_stats& stats);

	std::uint32_t const id;
	std::shared_ptr<storage_target> const target;
	write_queue writes;

	// Whether its peers have to wait, and what counts: its blocks that are dirty or being written.
	backpressure pressure;
	std::atomic<int> unwritten{0};

	frame_trial frames; // of blocks that peers take as frames

	never_written untouched; // by this backend: what is read is what the device had
	read_streak streak; // guarded by block_reader

	// Takes over the job's own limits, or else those of the profile. Network thread.
	void apply(coalesce_limits const& limits);
	std::atomic<int> max_blocks{0};
	std::atomic<int> min_blocks{0};
	std::atomic<std::chrono::milliseconds> timeout{};

	piece_key key(lt::piece_index_t piece) const { return {id, piece}; }

	// A piece that is nothing but padding counts as lying at the device's start.
	piece_location location_of(lt::piece_index_t piece) const;

	int blocks_in_piece(lt::piece_index_t piece) const;
	int block_length(lt::piece_index_t piece, block_index block) const; // bytes
};

class storage_table
{
public:
	void add(std::shared_ptr<open_storage> s)
	{
		mutex_lock const l(m_mutex);
		m_storages.insert_or_assign(s->id, std::move(s));
		m_size = static_cast<int>(m_storages.size());
	}

	void remove(std::uint32_t const id)
	{
		mutex_lock const l(m_mutex);
		m_storages.erase(id);
		m_size = static_cast<int>(m_storages.size());
	}

	// Without the mutex, as every block asks.
	int size() const { return m_size.load(std::memory_order_relaxed); }

	std::vector<std::shared_ptr<open_storage>> all() const
	{
		mutex_lock const l(m_mutex);
		std::vector<std::shared_ptr<open_storage>> ret;
		for (auto const& [id, s] : m_storages)
		{
			ret.push_back(s);
		}
		return ret;
	}

private:
	mutable mutex m_mutex;
	std::atomic<int> m_size{0};
	std::map<std::uint32_t, std::shared_ptr<open_storage>> m_storages GUARDED_BY(m_mutex);
};

} // namespace rawswarm
