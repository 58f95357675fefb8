// SPDX-License-Identifier: BSD-3-Clause
// Whether the processors are what the swarm waits for, and not the link: then blocks go out raw.
//
// Compressed blocks cost processor time, which is free as long as the link is the limit. Three things may
// tell that it is not, each by its share of the time: the network thread; the workers, which pack or unpack;
// and the program as a whole, which has all processors at work. What others do with them is no reason: raw
// blocks would not help against it, and rates differ by chance. A program may be busy and its link full as
// well. Who sends knows: if sockets rarely take all that there is, blocks wait for the link, or for peers,
// which have limits of their own to tell of. So, once one of the three is busy most of the time, or much is
// sent, and blocks do not wait, they go raw for half a second: if the image then moves clearly faster, they
// go on so for a while. If it moves clearly slower, that is enough. Then they go compressed again, and if
// something is still busy the next trial follows at once. Each time that a trial ends like the one before,
// twice the time passes until the next.
//
// Shares and rates are measured over short windows, as a room on a fast link is done in seconds.
//
// Pure: the time is what the caller says it is. One thread.
#pragma once

#include "agent/swarm/time_windows.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace rawswarm
{

class processor_limit
{
public:
	using clock = std::chrono::steady_clock;

	static constexpr std::chrono::milliseconds window{50};

	// From the end of a trial to the next one.
	static constexpr std::chrono::seconds shortest_pause{4};
	static constexpr std::chrono::seconds longest_pause{64};

	// What was done so far.
	struct totals
	{
		std::chrono::nanoseconds network_thread{0}; // base/processor_time.hpp
		std::chrono::nanoseconds workers{0}; // that pack and unpack, by their number
		std::chrono::nanoseconds program{0}; // processor time, by the number of processors
		std::int64_t moved = 0; // bytes of the image, sent and received
		std::int64_t writes = 0; // of blocks, to sockets
		std::int64_t stopped_writes = 0; // those of them that did not take all there was
	};

	// so_far(): the totals; asked for at the end of a window. To be called often. Returns is_reached().
	template <class F>
	bool update(clock::time_point const now, F const& so_far)
	{
		if (auto const ended = m_clock.update(now, so_far))
		{
			end_window(now, *ended);
		}
		return is_reached();
	}

	bool is_reached() const { return m_state != state::compressed; }

private:
	enum class state
	{
		compressed,
		trial, // raw, and it is not known yet whether that is better
		raw
	};

	using windows = time_windows<totals>;

	static constexpr std::size_t history = 8; // windows

	void end_window(clock::time_point now, windows::window const& w);
	double mean_moved(std::size_t of) const;
	bool may_try(clock::time_point now, bool is_fast) const;
	void end_trial(clock::time_point now);

	windows m_clock{window};
	state m_state = state::compressed;
	int m_busy_windows = 0; // in a row
	int m_trial_windows = 0;
	double m_rate_compressed = 0; // when the trial began
	std::array<double, history> m_moved{}; // of the last windows, bytes per second
	std::size_t m_windows = 0;
	clock::time_point m_next; // no trial before
	bool m_raw_was_better = false; // in the last trial
	std::chrono::seconds m_pause{0}; // after the last trial; 0: there was none
};

} // namespace rawswarm
