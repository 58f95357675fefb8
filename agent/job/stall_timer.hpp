// SPDX-License-Identifier: BSD-3-Clause
// Measures for how long a target has made no progress: no byte that helps and no change of state.
//
// Pure: the caller brings the time.
#pragma once

#include <chrono>
#include <cstdint>

namespace rawswarm
{

class stall_timer
{
public:
	using clock = std::chrono::steady_clock;

	explicit stall_timer(clock::time_point now)
		: m_last_progress(now)
	{}

	// The target has come to another state, in which bytes count from anew.
	void restart(clock::time_point now)
	{
		m_bytes = 0;
		m_last_progress = now;
	}

	// bytes: arrived, without those of pieces that failed their hash, or read by a check. Only more than ever
	// is progress: who sends nothing but wrong pieces lets the number rise and fall.
	void update(std::int64_t bytes, clock::time_point now)
	{
		if (bytes > m_bytes)
		{
			m_bytes = bytes;
			m_last_progress = now;
		}
	}

	clock::duration stalled(clock::time_point now) const { return now - m_last_progress; }

private:
	std::int64_t m_bytes = 0;
	clock::time_point m_last_progress;
};

} // namespace rawswarm
