// SPDX-License-Identifier: BSD-3-Clause
// A torrent as the backend holds it, from new_torrent to remove_torrent: its target, and what waits for it.
//
// Whoever works for it shares it; the device is let go of with the last of them. `id` is what the cache knows
// it by, and is never used twice. storage_table finds it by that number; it is thread-safe.
#pragma once

#include "storage/backend/storage_target.hpp"
#include "storage/backend/write_queue.hpp"
#include "storage/device/device_profile.hpp"

#include <libtorrent/units.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace rawswarm
{

struct open_storage
{
	open_storage(std::uint32_t number, std::shared_ptr<storage_target> of);

	std::uint32_t const id;
	std::shared_ptr<storage_target> const target;
	write_queue writes;

	// What holds for this one: the job's own limits, else the profile's. Set by the network thread.
	void apply(coalesce_limits const& limits);
	std::atomic<int> max_blocks{0};
	std::atomic<int> min_blocks{0};
	std::atomic<std::chrono::milliseconds> timeout{};

	piece_key key(lt::piece_index_t piece) const { return {id, piece}; }

	// A piece of padding alone lies at the device's start.
	piece_place place_of(lt::piece_index_t piece) const;

	int blocks_in(lt::piece_index_t piece) const;
};

class storage_table
{
public:
	void add(std::shared_ptr<open_storage> s)
	{
		std::unique_lock<std::mutex> const l(m_mutex);
		m_storages.insert_or_assign(s->id, std::move(s));
	}

	void remove(std::uint32_t const id)
	{
		std::unique_lock<std::mutex> const l(m_mutex);
		m_storages.erase(id);
	}

	std::vector<std::shared_ptr<open_storage>> all() const
	{
		std::unique_lock<std::mutex> const l(m_mutex);
		std::vector<std::shared_ptr<open_storage>> ret;
		for (auto const& [id, s] : m_storages)
		{
			ret.push_back(s);
		}
		return ret;
	}

private:
	mutable std::mutex m_mutex;
	std::map<std::uint32_t, std::shared_ptr<open_storage>> m_storages;
};

} // namespace rawswarm
