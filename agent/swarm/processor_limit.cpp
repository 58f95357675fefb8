// SPDX-License-Identifier: BSD-3-Clause
#include "agent/swarm/processor_limit.hpp"

#include <algorithm>

namespace rawswarm
{

namespace
{

// Shares of the time, above which something is busy.
constexpr double thread_limit = 0.7;
constexpr double workers_limit = 0.7;
constexpr double program_limit = 0.8;

// Bytes of the image per second. Whoever sends so much, and could write more to its sockets, waits for packed
// blocks, whether or not a processor is busy all the time: one of them goes through several threads.
constexpr double fast = 50e6;

// In a row. One alone may be a burst.
constexpr int windows_until_busy = 2;

// While a room starts everybody is busy, and links are not full yet.
constexpr std::size_t windows_of_start = 20;

// Of a trial: what is on its way when it begins is still compressed.
constexpr int windows_to_settle = 3;

// Less may be chance: in a large room the rates of single windows differ by a half.
constexpr double clearly_faster = 1.3;

// A link that is full moves less than half of the image in raw blocks. Worth no more time than this.
constexpr double clearly_slower = 0.7;
constexpr int windows_until_slow = 2;

} // namespace

// Of the last so many windows.
double processor_limit::mean_moved(std::size_t const of) const
{
	double sum = 0;
	for (std::size_t i = 1; i <= of; ++i)
	{
		sum += m_moved.at((m_windows - i) % history);
	}
	return sum / double(of);
}

void processor_limit::end_window(clock::time_point const now, windows::window const& w)
{
	auto const moved = w.per_second(&totals::moved);
	auto const writes = w.count(&totals::writes);
	bool const is_link_full = w.count(&totals::stopped_writes) * 2 > writes;
	bool const is_fast = writes > 0 && moved > fast;
	bool const is_busy = is_fast || w.share(&totals::network_thread) > thread_limit
		|| w.share(&totals::workers) > workers_limit || w.share(&totals::program) > program_limit;
	m_moved[m_windows++ % history] = moved;
	m_busy_windows = is_busy && !is_link_full ? m_busy_windows + 1 : 0;
	switch (m_state)
	{
	case state::compressed:
		if (m_busy_windows >= windows_until_busy && may_try(now, is_fast))
		{
			m_state = state::trial;
			m_trial_windows = 0;
			m_rate_compressed = mean_moved(std::min(m_windows, history));
		}
		break;
	case state::trial:
		++m_trial_windows;
		if (m_trial_windows == windows_to_settle + static_cast<int>(history)
			|| (m_trial_windows == windows_to_settle + windows_until_slow
				&& mean_moved(windows_until_slow) < m_rate_compressed * clearly_slower))
		{
			end_trial(now);
		}
		break;
	case state::raw:
		if (now >= m_next)
		{
			m_state = state::compressed;
			m_windows = 0; // a rate to compare with is needed first
		}
		break;
	}
}

bool processor_limit::may_try(clock::time_point const now, bool const is_fast) const
{
	auto const enough = m_pause.count() == 0 ? windows_of_start : history;
	return now >= m_next && (m_windows >= enough || is_fast);
}

void processor_limit::end_trial(clock::time_point const now)
{
	bool const is_better = mean_moved(history) > m_rate_compressed * clearly_faster;
	bool const is_same = m_pause.count() > 0 && is_better == m_raw_was_better && now - m_next < longest_pause;
	m_pause = is_same ? std::min(m_pause * 2, longest_pause) : shortest_pause;
	m_raw_was_better = is_better;
	m_state = is_better ? state::raw : state::compressed;
	m_next = now + m_pause;
	m_busy_windows = 0;
}

} // namespace rawswarm
