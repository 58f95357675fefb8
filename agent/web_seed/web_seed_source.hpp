// SPDX-License-Identifier: BSD-3-Clause
// A web seed that the job names: when it may be asked, and for which targets.
//
// Two kinds of failures: those that may pass pause the web seed for all targets, as its server is down or
// busy; one that is lasting excludes it for one target, as what it has there is not the target's image. And
// it is left for a while where others are much faster. Pure; the clock is the caller's.
#pragma once

#include "agent/net/url.hpp"
#include "agent/web_seed/web_seed_connection.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace rawswarm
{

class web_seed_source
{
public:
	using clock = std::chrono::steady_clock;

	// The pause after a failure that may pass, doubled after each further one up to the longest. Short at
	// first, so that a server that starts is found soon; then longer, so that a server that a room brought
	// down is not kept down. Initial values, not measured.
	static constexpr std::chrono::milliseconds first_pause{500};
	static constexpr std::chrono::milliseconds longest_pause{8000};

	// What is expected of a web seed that nothing is known of, bytes a second; and of each, as a part of the
	// pace of the fastest other one. Below it a web seed comes last for some time.
	static constexpr std::int64_t unknown_pace = std::int64_t(256) * 1024;
	static constexpr std::int64_t least_part = 4;
	static constexpr std::chrono::seconds slow_time{60};

	explicit web_seed_source(url from)
		: m_from(std::move(from))
	{}

	url const& from() const { return m_from; }

	bool may_ask(std::size_t target, clock::time_point now) const
	{
		return !m_excluded.contains(target) && now >= m_paused_until;
	}

	// Of the last fetch that came, bytes a second.
	void keeps_pace(std::int64_t const pace)
	{
		m_pace = pace > 0 ? pace : m_pace;
		m_slow_until = {};
	}
	std::int64_t pace() const { return m_pace; }

	// It did not keep the pace. True if that is news.
	bool is_too_slow(clock::time_point const now)
	{
		bool const is_new = !is_slow(now);
		m_slow_until = now + slow_time;
		m_pace = 0;
		return is_new;
	}
	bool is_slow(clock::time_point const now) const { return now < m_slow_until; }

	// Never asked again for this target.
	void exclude(std::size_t target) { m_excluded.insert(target); }

	bool is_excluded(std::size_t target) const { return m_excluded.contains(target); }

	// A failure that may pass. True if it is the first since the web seed last answered, and worth a warning.
	bool failed(clock::time_point now)
	{
		bool const is_first = m_pause == std::chrono::milliseconds(0);
		if (now >= m_paused_until) // the other fetches that were under way fail for the same reason
		{
			m_pause = is_first ? first_pause : std::min(2 * m_pause, longest_pause);
			m_paused_until = now + m_pause;
		}
		return is_first;
	}

	// A range came. True if it had failed before that.
	bool answered()
	{
		m_paused_until = {};
		return std::exchange(m_pause, std::chrono::milliseconds(0)) != std::chrono::milliseconds(0);
	}

private:
	url m_from;
	std::set<std::size_t> m_excluded;
	std::chrono::milliseconds m_pause{0};
	clock::time_point m_paused_until{};
	std::int64_t m_pace = unknown_pace;
	clock::time_point m_slow_until{};
};

} // namespace rawswarm
