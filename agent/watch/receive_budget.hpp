// SPDX-License-Identifier: BSD-3-Clause
// Bounds what a flood of datagrams costs: a bucket of tokens that fills with time. What is not read stays in
// the kernel's buffer, and is dropped there at no cost to this program once that is full.
//
// Pure: the caller gives the time. One thread.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace rawswarm
{

class receive_budget
{
public:
	using time_point = std::chrono::steady_clock::time_point;

	// A byte of a datagram that is parsed costs parsed_cost; of one that is too long or not signed, which is
	// seen before, less.
	static constexpr std::int64_t parsed_cost = 4;
	static constexpr std::int64_t refused_cost = 1;

	// per_second: bytes that are parsed. The bucket holds those of one second: agents that start together
	// send together.
	explicit receive_budget(std::int64_t const per_second, time_point const now)
		: m_per_second(per_second * parsed_cost)
		, m_tokens(m_per_second)
		, m_filled(now)
	{}

	bool may_read(time_point const now)
	{
		using std::chrono::nanoseconds;
		nanoseconds const second = std::chrono::seconds(1);
		auto const token = second / m_per_second;
		auto const gained = std::min(std::chrono::duration_cast<nanoseconds>(now - m_filled), second) / token;
		if (m_tokens + gained >= m_per_second)
		{
			m_tokens = m_per_second;
			m_filled = now;
		}
		else
		{
			m_tokens += gained;
			m_filled += gained * token; // and not to `now`: parts of a token are not lost
		}
		return m_tokens > 0;
	}

	void spend(std::int64_t const cost) { m_tokens -= cost; }

private:
	std::int64_t m_per_second;
	std::int64_t m_tokens;
	time_point m_filled;
};

} // namespace rawswarm
