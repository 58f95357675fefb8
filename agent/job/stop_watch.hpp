// SPDX-License-Identifier: BSD-3-Clause
// Decides when a stop that does not come to its end is given up.
//
// Pure: the caller brings the time and how far the stop is.
#pragma once

#include "agent/job/stall_timer.hpp"

#include <chrono>
#include <cstdint>

namespace rawswarm
{

class stop_watch
{
public:
	using clock = std::chrono::steady_clock;

	// How long a stopped job may flush and sync, and how long without any progress.
	static constexpr std::chrono::seconds longest{60};
	static constexpr std::chrono::seconds longest_stall{10};

	explicit stop_watch(clock::time_point const now)
		: m_begun(now)
		, m_stall(now)
	{}

	void begin(clock::time_point const now)
	{
		m_begun = now;
		m_stall.restart(now);
	}

	// bytes: written and synced so far.
	bool is_to_end(std::int64_t const bytes, clock::time_point const now)
	{
		m_stall.update(bytes, now);
		return now - m_begun >= longest || m_stall.stalled(now) >= longest_stall;
	}

	std::chrono::seconds so_far(clock::time_point const now) const
	{
		return std::chrono::duration_cast<std::chrono::seconds>(now - m_begun);
	}

private:
	clock::time_point m_begun;
	stall_timer m_stall;
};

} // namespace rawswarm
