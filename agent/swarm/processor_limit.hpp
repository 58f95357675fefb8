// SPDX-License-Identifier: BSD-3-Clause
// Whether the processors are what the swarm waits for, and not the link: then blocks go out raw.
//
// Compressed blocks cost processor time, which is free as long as the link is the limit. Three things may
// tell that it is not, each by its share of the time: the network thread, which runs or would if it were
// given a processor; the workers, which pack or unpack; and the machine, whose processors all work. But a
// machine may be busy and its link full as well. So, once one of them is busy nearly all of the time, blocks
// go raw for a third of a second: if the image then moves faster, they go on so, else they go compressed
// again, and the next trial is further away. Raw blocks end when the machine has time left.
//
// Shares and rates are measured over short windows, as a room on a fast link is done in seconds.
//
// Pure: the time is what the caller says it is. One thread.
#pragma once

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

	// Between a trial and the next one, and of raw blocks at least; doubled each time.
	static constexpr std::chrono::seconds shortest_pause{4};
	static constexpr std::chrono::seconds longest_pause{64};

	// What was done so far.
	struct totals
	{
		std::chrono::nanoseconds network_thread{0}; // base/thread_load.hpp
		std::chrono::nanoseconds workers{0}; // disk_stats::frame_work_ns, by the number of workers
		std::chrono::nanoseconds machine{0}; // base/machine_load.hpp
		std::int64_t moved = 0; // bytes of the image, sent and received
	};

	// so_far(): the totals; asked for at the end of a window. To be called often. Returns is_reached().
	template <class F>
	bool update(clock::time_point const now, F const& so_far)
	{
		if (m_begin == clock::time_point())
		{
			m_begin = now;
			m_before = so_far();
		}
		else if (now - m_begin >= window)
		{
			end_window(now, so_far());
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

	// Of one window.
	struct rates
	{
		double network_thread = 0; // shares of the time
		double workers = 0;
		double machine = 0;
		double moved = 0; // bytes per second
	};

	static constexpr std::size_t history = 4; // windows

	void end_window(clock::time_point now, totals const& so_far);
	bool is_busy() const;
	double load() const;
	double mean(double rates::*what) const;
	void begin_trial(clock::time_point now);
	void end_trial(clock::time_point now);

	state m_state = state::compressed;
	int m_busy_windows = 0; // in a row
	int m_trial_windows = 0;
	double m_rate_compressed = 0; // when the trial began
	double m_load = 0; // while blocks go raw: a moving mean of half a second
	std::array<rates, history> m_last{};
	std::size_t m_windows = 0;
	clock::time_point m_begin; // of the window
	totals m_before; // when it began
	clock::time_point m_changed;
	std::chrono::seconds m_pause = shortest_pause / 2;
};

} // namespace rawswarm
