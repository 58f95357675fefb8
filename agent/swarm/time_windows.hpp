// SPDX-License-Identifier: BSD-3-Clause
// Cuts time into windows of at least one length, and says what was done in each.
//
// Totals: a struct of what was done so far, times and numbers that only grow. Pure: the time is what the
// caller says it is. One thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>

namespace rawswarm
{

template <class Totals>
class time_windows
{
public:
	using clock = std::chrono::steady_clock;

	struct window
	{
		Totals before;
		Totals after;
		std::chrono::duration<double> length{};

		// Of the window's time.
		double share(std::chrono::nanoseconds Totals::*const what) const
		{
			return std::chrono::duration<double>(after.*what - before.*what) / length;
		}

		std::int64_t count(std::int64_t Totals::*const what) const { return after.*what - before.*what; }
		double per_second(std::int64_t Totals::*const what) const
		{
			return double(count(what)) / length.count();
		}
	};

	explicit time_windows(clock::duration const length)
		: m_length(length)
	{}

	// The window that has ended by now. so_far(): the totals; asked for at the begin and the end of a window.
	// To be called often.
	template <class F>
	std::optional<window> update(clock::time_point const now, F const& so_far)
	{
		if (m_begin && now - *m_begin < m_length)
		{
			return std::nullopt;
		}
		auto const before = std::exchange(m_before, so_far());
		auto const begin = std::exchange(m_begin, now);
		return begin ? std::optional(window{before, m_before, now - *begin}) : std::nullopt;
	}

private:
	clock::duration m_length;
	std::optional<clock::time_point> m_begin; // of the window
	Totals m_before; // when it began
};

} // namespace rawswarm
