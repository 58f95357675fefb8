// SPDX-License-Identifier: BSD-3-Clause
// The rate of a number that grows: a mean in which what lies t back counts exp(-t / memory).
//
// That is simple exponential smoothing (R. G. Brown, 1956; NIST/SEMATECH e-Handbook of Statistical Methods,
// 6.4.3.1) for samples at any times. Sums are smoothed, of bytes and of seconds, rather than quotients: so
// the first seconds are a plain mean, and a sample that was late counts as long as it took.
//
// Pure: the caller brings the time. One thread.
#pragma once

#include <chrono>
#include <cmath>
#include <cstdint>
#include <optional>

namespace rawswarm
{

class smoothed_rate
{
public:
	using clock = std::chrono::steady_clock;
	using seconds = std::chrono::duration<double>;

	// What counted before is forgotten. The next update gives where it begins.
	void restart() { *this = {}; }

	// so_far: of the number, which does not fall.
	void update(std::int64_t const so_far, clock::time_point const now, seconds const memory)
	{
		if (m_last)
		{
			seconds const passed = now - *m_last;
			auto const kept = std::exp(-passed / memory);
			m_sum = m_sum * kept + static_cast<double>(so_far - m_so_far);
			m_time = m_time * kept + passed;
			m_watched += passed;
		}
		m_last = now;
		m_so_far = so_far;
	}

	// Per second. 0 before the second update.
	double per_second() const { return m_time.count() > 0 ? m_sum / m_time.count() : 0; }

	// How long it has been updated for.
	seconds watched() const { return m_watched; }

private:
	std::optional<clock::time_point> m_last;
	std::int64_t m_so_far = 0;
	double m_sum = 0;
	seconds m_time{0};
	seconds m_watched{0};
};

} // namespace rawswarm
