// SPDX-License-Identifier: BSD-3-Clause
// How many bytes may come now under a limit of so many a second: what web seeds send may only be what peers
// leave of it.
//
// Thread-safe. Pure but for the lock: the clock is the caller's.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <mutex>

namespace rawswarm
{

class token_bucket
{
public:
	using clock = std::chrono::steady_clock;

	// What was not used lasts for so long, and so does what was used too much: bytes of peers are known a
	// quarter of a second late. A seed design.
	static constexpr double memory_s = 0.5;

	// bytes_a_second: 0 for no limit.
	token_bucket(std::int64_t bytes_a_second, clock::time_point now)
		: m_rate(static_cast<double>(bytes_a_second))
		, m_last(now)
	{}

	void spent(std::int64_t bytes, clock::time_point now)
	{
		std::unique_lock<std::mutex> const l(m_mutex);
		refill(now, l);
		m_left = std::max(m_left - static_cast<double>(bytes), -memory_s * m_rate);
	}

	// How long to wait before more is taken.
	clock::duration wait(clock::time_point now)
	{
		std::unique_lock<std::mutex> const l(m_mutex);
		refill(now, l);
		if (m_rate == 0 || m_left >= 0)
		{
			return {};
		}
		return std::chrono::duration_cast<clock::duration>(
			std::chrono::duration<double>(-m_left / m_rate) + std::chrono::milliseconds(1));
	}

private:
	void refill(clock::time_point now, std::unique_lock<std::mutex> const&)
	{
		auto const passed = std::chrono::duration<double>(now - m_last).count();
		m_left = std::min(m_left + passed * m_rate, memory_s * m_rate);
		m_last = now;
	}

	std::mutex m_mutex;
	double const m_rate;
	double m_left = 0; // bytes
	clock::time_point m_last;
};

} // namespace rawswarm
