// SPDX-License-Identifier: BSD-3-Clause
// Whether it is worth while to compress the next block of a torrent, from what became of the ones before.
//
// After a few blocks that did not shrink only every second one is tried, then every fourth, and so on: films,
// archives and encrypted disks soon cost nothing, and what shrinks behind them is found again.
//
// A result comes after further blocks have begun, as many as peers have asked for. So the blocks to leave out
// are counted from the trial on: from its result on, each of the trials that are on their way would begin the
// count anew, and two of five blocks of random bytes were tried. Any thread may call; the counts are
// approximate then.
#pragma once

#include <algorithm>
#include <atomic>

namespace rawswarm
{

class frame_trial
{
public:
	// True if the next block is to be tried; result() follows.
	bool begin()
	{
		if (m_skip.load(std::memory_order_relaxed) > 0)
		{
			m_skip.fetch_sub(1, std::memory_order_relaxed);
			return false;
		}
		int const doublings =
			std::clamp(m_failed.load(std::memory_order_relaxed) - patience, 0, max_doublings);
		m_skip.store((1 << doublings) - 1, std::memory_order_relaxed);
		return true;
	}

	void result(bool const shrank)
	{
		if (shrank)
		{
			m_failed.store(0, std::memory_order_relaxed);
			m_skip.store(0, std::memory_order_relaxed);
			return;
		}
		m_failed.fetch_add(1, std::memory_order_relaxed);
	}

	// Blocks. A file system has archives and pictures between its other files, a few blocks each.
	static constexpr int patience = 16;

	// One block of 16 is always tried: on random bytes a twentieth of the time that their hash takes. With
	// one of 128 an image of a file system went out 5% longer, as what shrinks was found too late.
	static constexpr int max_doublings = 4;

private:
	std::atomic<int> m_skip{0};
	std::atomic<int> m_failed{0};
};

} // namespace rawswarm
