// SPDX-License-Identifier: BSD-3-Clause
// How hard blocks are compressed: as hard as there is time for.
//
// A room waits for its link, and each block is packed once in the room, by the seeder. A lab's link of
// 100 Mbit/s takes 28 MB/s of an image, which the lowest level packs in a tenth of one processor's time: with
// the rest the frames can be shorter. The steps and their costs, measured on files of Debian in blocks of
// 16 KiB (docs/performance.md):
//
//   level   MB/s   ratio
//       1    279    2.21
//       5     90    2.31
//      12     16    2.45
//
// A step up is taken if what was packed in each of the last windows would leave the workers and the machine
// time to spare at the next level, by its cost: what an image holds changes from one second to the next. A
// step down is taken as soon as the workers, the network thread or the machine are short of time. After steps
// down the next one up waits, twice as long each time, since what was spared was needed.
//
// Pure: the time is what the caller says it is. One thread.
#pragma once

#include "agent/swarm/time_windows.hpp"

#include <array>
#include <chrono>
#include <cstddef>

namespace rawswarm
{

class pack_level
{
public:
	using clock = std::chrono::steady_clock;

	static constexpr std::chrono::milliseconds window{200};
	static constexpr std::chrono::seconds shortest_pause{4};
	static constexpr std::chrono::seconds longest_pause{64};

	// What was done so far.
	struct totals
	{
		std::chrono::nanoseconds network_thread{0}; // base/processor_time.hpp
		std::chrono::nanoseconds packing{0}; // of all workers together
		std::chrono::nanoseconds unpacking{0}; // likewise
		std::chrono::nanoseconds machine{0}; // base/machine_load.hpp
		// How many share the work. Without workers the network thread packs, which has no time to spare.
		int workers = 1;
		int processors = 1;
	};

	// so_far(): the totals; asked for at the end of a window. To be called often. Returns level().
	template <class F>
	int update(clock::time_point const now, F const& so_far)
	{
		if (auto const ended = m_clock.update(now, so_far))
		{
			end_window(now, *ended);
		}
		return level();
	}

	int level() const { return steps.at(m_step).level; }
	bool is_lowest() const { return m_step == 0; }

private:
	struct step
	{
		int level;
		double cost; // time per byte, in times of the lowest level's
	};

	static constexpr std::array<step, 3> steps{{{1, 1}, {5, 279.0 / 90}, {12, 279.0 / 16}}};

	static constexpr std::size_t history = 4; // windows

	// Of one window, in shares of the time.
	struct shares
	{
		double packing = 0;
		double workers = 0;
		double machine = 0;
	};

	using windows = time_windows<totals>;

	bool has_time_for_more(shares const& w, totals const& t) const;
	void end_window(clock::time_point now, windows::window const& w);
	void step_down(clock::time_point now);

	windows m_clock{window};
	std::size_t m_step = 0;
	std::array<shares, history> m_last{};
	std::size_t m_windows = 0; // since the last step
	clock::time_point m_next; // no step up before
	std::chrono::seconds m_pause{0}; // after the last steps down; 0: there were none
};

} // namespace rawswarm
