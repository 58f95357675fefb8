// What the agent and the disk backend share: the targets, the settings, the counters.
//
// Made by the agent before the session, which gets the backend from raw_disk_io_constructor(). A
// torrent finds its target by the save path that it was added with.
#pragma once

#include "storage/disk_stats.hpp"
#include "storage/storage_target.hpp"

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

namespace rawswarm
{

struct storage_settings
{
	std::size_t memory = std::size_t(256) * 1024 * 1024; // bytes, the whole budget of blocks
	int io_threads = 4;
	int hash_threads = 2;
	// Contention is low as the network thread is the only one that inserts; to be measured with the
	// coalescing engine.
	int cache_shards = 8;
	// Blocks that a piece gathers before they are written though the piece is not complete: 1 MiB.
	int flush_blocks = 64;
};

class storage_context
{
public:
	explicit storage_context(storage_settings const& settings)
		: m_settings(settings)
	{}

	storage_settings const& settings() const { return m_settings; }
	disk_stats& stats() { return m_stats; }
	disk_stats const& stats() const { return m_stats; }

	// Share of the pool in use, 0 to 1.
	double pool_use() const { return m_pool_use.load(std::memory_order_relaxed); }
	void set_pool_use(double share) { m_pool_use.store(share, std::memory_order_relaxed); }

	void add_target(std::string const& save_path, std::shared_ptr<storage_target> target)
	{
		std::unique_lock<std::mutex> const l(m_mutex);
		m_targets.insert_or_assign(save_path, std::move(target));
	}

	void remove_target(std::string const& save_path)
	{
		std::unique_lock<std::mutex> const l(m_mutex);
		m_targets.erase(save_path);
	}

	// nullptr if there is none of that name.
	std::shared_ptr<storage_target> find_target(std::string const& save_path) const
	{
		std::unique_lock<std::mutex> const l(m_mutex);
		auto const it = m_targets.find(save_path);
		return it == m_targets.end() ? nullptr : it->second;
	}

private:
	storage_settings m_settings;
	disk_stats m_stats;
	std::atomic<double> m_pool_use{0};
	mutable std::mutex m_mutex;
	std::unordered_map<std::string, std::shared_ptr<storage_target>> m_targets;
};

} // namespace rawswarm
