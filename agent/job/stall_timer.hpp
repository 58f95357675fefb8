// SPDX-License-Identifier: BSD-3-Clause
// Measures for how long a target has made no progress: no new byte and no change of state.
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

	void restart(clock::time_point now) { m_last_progress = now; }

	// bytes: verified, or read by a check. A lower number is progress too: the next check has begun.
	void update(std::int64_t bytes, clock::time_point now)
	{
		if (bytes != m_bytes)
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
