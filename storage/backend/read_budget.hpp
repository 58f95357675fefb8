// SPDX-License-Identifier: BSD-3-Clause
// How much of the pool reads may take.
//
// A block that is handed out waits in a peer's send buffer for as long as the peer likes, so only a share of
// the pool may be out at once; further reads wait until one comes back. Read-ahead takes only free or clean
// memory, and only while there is plenty. Thread-safe: the numbers are estimates while other threads
// allocate, the pool's budget holds in any case.
#pragma once

#include "storage/backend/block_cache.hpp"
#include "storage/backend/buffer_pool.hpp"
#include "storage/backend/disk_stats.hpp"

namespace rawswarm
{

class read_budget
{
public:
	read_budget(buffer_pool const& buffers, block_cache& cache, disk_stats const& stats)
		: m_buffers(buffers)
		, m_cache(cache)
		, m_stats(stats)
	{}

	bool may_hand_out() const
	{
		return m_buffers.handed_out() < static_cast<int>(m_buffers.capacity() * max_handed_out_share);
	}

	bool may_read_ahead() const
	{
		auto const reading = m_stats.pool_reading.load(std::memory_order_relaxed);
		auto const used = m_cache.unwritten() + m_buffers.handed_out() + reading;
		return double(used) < m_buffers.capacity() * max_use_for_read_ahead;
	}

	// For a block that a peer waits for. nullptr: try again once blocks have come back.
	char* take_buffer() { return may_hand_out() ? m_cache.take_buffer() : nullptr; }

	// For a block that no peer has asked for yet.
	char* take_buffer_ahead() { return may_read_ahead() ? m_cache.take_buffer() : nullptr; }

private:
	// The rest is left to writes, which end whatever peers do.
	static constexpr double max_handed_out_share = 0.8;

	// The share of unwritten, handed out and reading blocks above which memory is kept for blocks that peers
	// wait for.
	static constexpr double max_use_for_read_ahead = 0.5;

	buffer_pool const& m_buffers;
	block_cache& m_cache;
	disk_stats const& m_stats;
};

} // namespace rawswarm
