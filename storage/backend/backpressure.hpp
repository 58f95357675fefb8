// SPDX-License-Identifier: BSD-3-Clause
// Says when peers have to wait because blocks come faster than the device takes them.
//
// Counts blocks that are dirty or being written (*unwritten*) against the room that they have: the pool less
// what readers hold. Clean blocks do not count, they can be given up at any time. Three levels:
//
//	normal    blocks wait for their run to be long enough
//	urgent    what has gathered is written, complete or not
//	critical  peers are stopped, and woken below seven eighths of that
//
// Unwritten blocks always come to an end, whatever peers do, so whoever was stopped is woken. Thread-safe.
#pragma once

#include "storage/backend/disk_stats.hpp"

#include <libtorrent/disk_observer.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace rawswarm
{

// Blocks, for a room of so many.
struct backpressure_marks
{
	int critical = 0;
	int urgent = 0;
	int low = 0;

	// A peer that is stopped may still bring what it has received, a block or two: hence a reserve of a
	// sixteenth, of 64 blocks at least, but never more than a fifth. Urgent leaves time to write before
	// anyone has to wait. Low is far enough below that peers are not woken for a handful of blocks, and no
	// lower: what is dirty is what runs are put together from (`toolchain/dev bench disk --device seek`).
	static constexpr backpressure_marks of(int const blocks)
	{
		int const room = std::max(0, blocks);
		int const reserve = std::min(std::max(room / 16, 64), room / 5);
		int const critical = std::max(1, room - reserve);
		return {critical, critical * 15 / 16, critical * 7 / 8};
	}
};

class backpressure
{
public:
	explicit backpressure(disk_stats& stats)
		: m_stats(stats)
	{}

	// Write what has gathered. While peers are stopped that goes on until they can be woken.
	bool is_short(int const unwritten, int const room) const
	{
		auto const marks = backpressure_marks::of(room);
		return unwritten >= marks.urgent || (is_stopping() && unwritten > marks.low);
	}

	// Whether somebody waits to be woken.
	bool is_stopping() const { return m_stopped.load(std::memory_order_relaxed); }

	// True, and the observer will be returned by a later relieve(), if the peer has to wait.
	bool exceeded(int const unwritten, int const room, std::shared_ptr<lt::disk_observer> const& observer)
	{
		auto const marks = backpressure_marks::of(room);
		if (unwritten < marks.critical && !is_stopping())
		{
			return false; // each block asks
		}
		std::unique_lock<std::mutex> const l(m_mutex);
		if (unwritten < marks.critical && !(m_stopped && unwritten > marks.low))
		{
			return false;
		}
		if (!m_stopped)
		{
			m_since = clock::now();
		}
		m_stopped = true;
		if (observer)
		{
			m_waiting.push_back(observer);
		}
		m_stats.peers_stopped.fetch_add(1, std::memory_order_relaxed);
		return true;
	}

	// Whom to wake, now that so many are unwritten.
	std::vector<std::weak_ptr<lt::disk_observer>> relieve(int const unwritten, int const room)
	{
		std::unique_lock<std::mutex> const l(m_mutex);
		if (!m_stopped || unwritten > backpressure_marks::of(room).low)
		{
			return {};
		}
		m_stopped = false;
		auto const stopped_for = clock::now() - m_since;
		m_stats.stopped_us.fetch_add(
			std::chrono::duration_cast<std::chrono::microseconds>(stopped_for).count(),
			std::memory_order_relaxed);
		return std::exchange(m_waiting, {});
	}

private:
	using clock = std::chrono::steady_clock;

	disk_stats& m_stats;
	std::mutex m_mutex;
	std::atomic<bool> m_stopped{false}; // changed under the mutex
	clock::time_point m_since;
	std::vector<std::weak_ptr<lt::disk_observer>> m_waiting;
};

} // namespace rawswarm
