// SPDX-License-Identifier: BSD-3-Clause
// Counts the time that a worker packs or unpacks a block, from the object's beginning to its end.
#pragma once

#include "storage/backend/disk_stats.hpp"

#include <chrono>

namespace rawswarm
{

class frame_work
{
public:
	explicit frame_work(disk_stats& stats)
		: m_stats(stats)
	{}
	~frame_work()
	{
		m_stats.frame_work_ns.fetch_add(
			std::chrono::nanoseconds(clock::now() - m_begin).count(), std::memory_order_relaxed);
	}
	frame_work(frame_work const&) = delete;
	frame_work& operator=(frame_work const&) = delete;

private:
	using clock = std::chrono::steady_clock;

	disk_stats& m_stats;
	clock::time_point m_begin = clock::now();
};

} // namespace rawswarm
