// SPDX-License-Identifier: BSD-3-Clause
// Decides when the peers of a target have to wait because blocks arrive faster than its device takes them.
//
// Compares the number of its blocks that are dirty or being written (*unwritten*) with the capacity that they
// have: the pool without the blocks that are handed out and those that pieces are read back into. Clean
// blocks do not count, as they can be evicted at any time. Three levels:
//
//	normal    blocks wait until their run is long enough
//	urgent    partial pieces are written as well
//	critical  peers are stopped, and woken below seven eighths of that
//
// Unwritten blocks are written whatever peers do, so a peer that was stopped is always woken. Thread-safe.
#pragma once

#include "base/mutex.hpp"
#include "storage/backend/disk_stats.hpp"

#include <libtorrent/disk_observer.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <set>
#include <utility>
#include <vector>

namespace rawswarm
{

// Numbers of unwritten blocks.
struct backpressure_marks
{
	int critical = 0;
	int urgent = 0;
	int low = 0;

	// Stopped peers still deliver what the kernel has received from them (in_flight): hence a reserve of so
	// many blocks, but never more than half of the capacity. It is at least a sixteenth of the capacity and
	// 64 blocks, unless that is more than a quarter. Urgent leaves time to write before any peer has to wait.
	// Low is far enough below that peers are not woken for a handful of blocks, and no lower: the more blocks
	// are dirty, the longer the runs (`toolchain/dev bench disk --device seek`).
	static constexpr backpressure_marks of(int const blocks, int const in_flight = 0)
	{
		int const capacity = std::max(0, blocks);
		int const least = std::min(std::max(capacity / 16, 64), capacity / 4);
		int const reserve = std::max(least, std::min(in_flight, capacity / 2));
		return at(capacity - reserve);
	}

	// Those of one of several targets, of which the others have so many unwritten blocks: four fifths of what
	// they leave. So none can take all, and if its device hangs the others go on with the rest (the dynamic
	// thresholds of shared switch buffers, Choudhury and Hahne 1998).
	constexpr backpressure_marks beside(int const others) const
	{
		return at(std::max(0, critical - others) * 4 / 5);
	}

private:
	static constexpr backpressure_marks at(int const blocks)
	{
		int const critical = std::max(1, blocks);
		return {critical, critical * 15 / 16, critical * 7 / 8};
	}
};

class backpressure
{
public:
	explicit backpressure(disk_stats& stats)
		: m_stats(stats)
	{}

	// Partial pieces are to be written too. While peers are stopped, until they can be woken.
	bool is_urgent(int const unwritten, backpressure_marks const& marks) const
	{
		return unwritten >= marks.urgent || (is_stopping() && unwritten > marks.low);
	}

	// Whether peers wait to be woken.
	bool is_stopping() const { return m_stopped.load(std::memory_order_relaxed); }

	// True if the peer has to wait; a later relieve() then returns the observer, once. A stopped peer still
	// delivers blocks, and is told each time: it counts as stopped by the first of them alone.
	bool exceeded(int const unwritten, backpressure_marks const& marks,
		std::shared_ptr<lt::disk_observer> const& observer)
	{
		if (unwritten < marks.critical && !is_stopping())
		{
			return false; // without the mutex, as every block asks
		}
		mutex_lock const l(m_mutex);
		if (unwritten < marks.critical && !(m_stopped && unwritten > marks.low))
		{
			return false;
		}
		if (!m_stopped)
		{
			m_since = clock::now();
		}
		m_stopped = true;
		if (observer && m_waiting.insert(observer).second)
		{
			m_stats.peers_stopped.fetch_add(1, std::memory_order_relaxed);
		}
		return true;
	}

	// The observers to wake, now that so many blocks are unwritten.
	std::vector<std::weak_ptr<lt::disk_observer>> relieve(
		int const unwritten, backpressure_marks const& marks)
	{
		mutex_lock const l(m_mutex);
		if (!m_stopped || unwritten > marks.low)
		{
			return {};
		}
		m_stopped = false;
		auto const stopped_for = clock::now() - m_since;
		m_stats.stopped_us.fetch_add(
			std::chrono::duration_cast<std::chrono::microseconds>(stopped_for).count(),
			std::memory_order_relaxed);
		auto const waiting = std::exchange(m_waiting, {});
		return {waiting.begin(), waiting.end()};
	}

private:
	using clock = std::chrono::steady_clock;

	disk_stats& m_stats;
	mutex m_mutex;
	std::atomic<bool> m_stopped{false}; // changed under the mutex
	clock::time_point m_since GUARDED_BY(m_mutex);
	// by owner, as one that has gone is still among them
	std::set<std::weak_ptr<lt::disk_observer>, std::owner_less<>> m_waiting GUARDED_BY(m_mutex);
};

} // namespace rawswarm
