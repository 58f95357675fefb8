// SPDX-License-Identifier: BSD-3-Clause
// State that the agent and the disk backend share: the targets, the settings, the counters.
//
// Made by the agent before the session, which gets the backend from fan_out_io_constructor(). A
// torrent finds its target, or its targets, by the save path that it was added with. Thread-safe.
#pragma once

#include "base/bytes.hpp"
#include "base/mutex.hpp"
#include "storage/backend/disk_stats.hpp"
#include "storage/backend/frames_beside.hpp"
#include "storage/backend/storage_target.hpp"
#include "storage/device/block_frame.hpp"
#include "storage/device/device_profile.hpp"

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace rawswarm
{

struct storage_settings
{
	std::size_t memory = 256_MiB; // bytes, the whole budget of blocks
	int io_threads = 4; // 0: the network thread does the work itself
	int hash_threads = 2; // 0: likewise
	// Fixed once the backend is made. With 8 threads for the device the network thread did 271, 292, 330 and
	// 400 thousand operations a second with 1, 2, 8 and 32 (`toolchain/dev bench cache`, 2 processors).
	int cache_shards = 32;
	coalesce_limits coalesce = {}; // the job's own, which take precedence over the targets' profiles
};

class storage_context
{
public:
	explicit storage_context(storage_settings const& settings)
		: m_settings(settings)
	{}

	storage_settings settings() const
	{
		mutex_lock const l(m_mutex);
		return m_settings;
	}

	// Takes effect with the next lt::session::apply_settings(), which calls the backend's settings_updated().
	void change_settings(storage_settings const& settings)
	{
		mutex_lock const l(m_mutex);
		m_settings = settings;
	}

	// Blocks that peers may still deliver once they were told to stop: what the kernel and libtorrent have
	// received from them. So much of the budget is kept free. Takes effect at once.
	int in_flight_blocks() const { return m_in_flight.load(std::memory_order_relaxed); }
	void set_in_flight_blocks(int const blocks) { m_in_flight.store(blocks, std::memory_order_relaxed); }

	// The level of zstd at which blocks are packed for peers. Takes effect at once.
	int pack_level() const { return m_pack_level.load(std::memory_order_relaxed); }
	void set_pack_level(int const level) { m_pack_level.store(level, std::memory_order_relaxed); }

	disk_stats& stats() { return m_stats; }
	disk_stats const& stats() const { return m_stats; }

	frames_beside& beside() { return m_beside; }

	void add_target(std::string const& save_path, std::shared_ptr<storage_target> target)
	{
		mutex_lock const l(m_mutex);
		m_targets.insert_or_assign(save_path, std::move(target));
	}

	// It is found no more. A torrent that has found it keeps it.
	void remove_target(std::string const& save_path)
	{
		mutex_lock const l(m_mutex);
		m_targets.erase(save_path);
	}

	// nullptr if no target has that save path.
	std::shared_ptr<storage_target> find_target(std::string const& save_path) const
	{
		mutex_lock const l(m_mutex);
		auto const it = m_targets.find(save_path);
		return it == m_targets.end() ? nullptr : it->second;
	}

	// A torrent with that save path is written to several targets (fan_out_io.hpp): their save paths.
	void add_group(std::string const& save_path, std::vector<std::string> targets)
	{
		mutex_lock const l(m_mutex);
		m_groups.insert_or_assign(save_path, std::move(targets));
	}

	// The save path itself if it is no group's.
	std::vector<std::string> targets_of(std::string const& save_path) const
	{
		mutex_lock const l(m_mutex);
		auto const it = m_groups.find(save_path);
		return it == m_groups.end() ? std::vector{save_path} : it->second;
	}

private:
	disk_stats m_stats;
	frames_beside m_beside;
	std::atomic<int> m_in_flight{0};
	std::atomic<int> m_pack_level{lowest_compression_level};
	mutable mutex m_mutex;
	storage_settings m_settings GUARDED_BY(m_mutex);
	std::unordered_map<std::string, std::shared_ptr<storage_target>> m_targets GUARDED_BY(m_mutex);
	std::unordered_map<std::string, std::vector<std::string>> m_groups GUARDED_BY(m_mutex);
};

} // namespace rawswarm
