// SPDX-License-Identifier: BSD-3-Clause
// One web seed as the job names it: when it may be asked, and for which targets. Pure; the clock is the
// caller's.
#pragma once

#include "agent/net/url.hpp"
#include "agent/web_seed/web_seed_connection.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
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

	// After a failure that may pass: so long, and twice as long each time up to the most. Seed designs: a
	// server that starts is found soon, and one that a room brought down is not kept down.
	static constexpr std::chrono::milliseconds first_pause{500};
	static constexpr std::chrono::milliseconds longest_pause{8000};

	explicit web_seed_source(url from)
		: m_from(std::move(from))
	{}

	url const& from() const { return m_from; }

	bool may_ask(std::size_t target, clock::time_point now) const
	{
		return !m_lost.contains(target) && now >= m_pause_until;
	}

	bool is_lost(std::size_t target) const { return m_lost.contains(target); }

	// Never asked again for this target.
	void lose(std::size_t target) { m_lost.insert(target); }

	// A failure that may pass. True if it is the first of them, to be told.
	bool failed(clock::time_point now)
	{
		bool const first = m_pause == std::chrono::milliseconds(0);
		if (now >= m_pause_until) // those that were under way count once
		{
			m_pause = first ? first_pause : std::min(2 * m_pause, longest_pause);
			m_pause_until = now + m_pause;
		}
		return first;
	}

	// True if it had failed before.
	bool answered()
	{
		m_pause_until = {};
		return std::exchange(m_pause, std::chrono::milliseconds(0)) != std::chrono::milliseconds(0);
	}

private:
	url m_from;
	std::set<std::size_t> m_lost;
	std::chrono::milliseconds m_pause{0};
	clock::time_point m_pause_until{};
};

} // namespace rawswarm
