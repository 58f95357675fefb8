// SPDX-License-Identifier: BSD-3-Clause
#include "agent/progress/steady_eta.hpp"

#include <algorithm>

namespace rawswarm
{

namespace
{

using seconds = std::chrono::duration<double>;

// Before so much was seen there is no estimate: pieces come whole, the first of them late.
constexpr seconds least_watched{2};

constexpr seconds shortest_memory{5};
constexpr seconds longest_memory{300};
constexpr double memory_of_time_left = 1.0 / 3;

// A rate of nearly nothing is no reason to show more digits than fit.
constexpr seconds longest_shown{100.0 * 3600};

} // namespace

void steady_eta::update(std::int64_t const done, std::int64_t const total, clock::time_point const now)
{
	m_first = m_first.value_or(done);
	if (done == *m_first)
	{
		m_rate.restart();
	}
	auto const memory =
		std::clamp(m_shown.value_or(shortest_memory) * memory_of_time_left, shortest_memory, longest_memory);
	m_rate.update(done, now, memory);
	seconds const passed = m_last ? now - *m_last : seconds(0);
	m_last = now;
	auto const rate = m_rate.per_second();
	if (m_rate.watched() < least_watched || rate <= 0)
	{
		return;
	}
	auto const estimate =
		std::min(seconds(static_cast<double>(std::max<std::int64_t>(0, total - done)) / rate), longest_shown);
	if (!m_shown)
	{
		m_shown = estimate;
		return;
	}
	auto const counted_down = std::max(seconds(0), *m_shown - passed);
	auto const step = std::max(*m_shown * largest_step, seconds(least_step)) * passed.count();
	m_shown = counted_down + std::clamp(estimate - counted_down, -step, step);
}

std::optional<std::chrono::seconds> steady_eta::left() const
{
	return m_shown ? std::optional(std::chrono::ceil<std::chrono::seconds>(*m_shown)) : std::nullopt;
}

} // namespace rawswarm
