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
	// to: packing_ns or unpacking_ns.
	explicit frame_work(disk_stats::counter& to)
		: m_to(to)
	{}
	~frame_work()
	{
		m_to.fetch_add(std::chrono::nanoseconds(clock::now() - m_begin).count(), std::memory_order_relaxed);
	}
	frame_work(frame_work const&) = delete;
	frame_work& operator=(frame_work const&) = delete;

private:
	using clock = std::chrono::steady_clock;

	disk_stats::counter& m_to;
	clock::time_point m_begin = clock::now();
};

} // namespace rawswarm
