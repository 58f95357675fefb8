// SPDX-License-Identifier: BSD-3-Clause
#include "agent/swarm/processor_limit.hpp"

#include <algorithm>
#include <numeric>

namespace rawswarm
{

namespace
{

// Shares of the time. Above the first three something is busy; below the others the machine has time left.
// The kernel counts the machine's time in steps, too coarse for one window: hence the mean of several.
constexpr double thread_limit = 0.7;
constexpr double workers_limit = 0.7;
constexpr double machine_limit = 0.8;
constexpr double thread_idle = 0.6;
constexpr double workers_idle = 0.6;
constexpr double machine_idle = 0.85;

// In a row. One alone may be a burst.
constexpr int windows_until_busy = 2;

// Of a trial: what is on its way when it begins is still compressed.
constexpr int windows_to_settle = 3;

// Less is chance.
constexpr double clearly_faster = 1.1;

} // namespace

double processor_limit::mean(double rates::*const what) const
{
	return std::accumulate(m_last.begin(), m_last.end(), 0.0, [what](double const sum, rates const& r) {
		return sum + r.*what;
	}) / double(history);
}

bool processor_limit::is_busy() const
{
	auto const& last = m_last[(m_windows - 1) % history];
	return last.network_thread > thread_limit || last.workers > workers_limit
		|| (m_windows >= history && mean(&rates::machine) > machine_limit);
}

// 1: as much as may be for the machine to have time left.
double processor_limit::load() const
{
	auto const& last = m_last[(m_windows - 1) % history];
	return std::max({last.network_thread / thread_idle, last.workers / workers_idle,
		mean(&rates::machine) / machine_idle});
}

void processor_limit::end_window(clock::time_point const now, totals const& so_far)
{
	auto const time = std::chrono::duration<double, std::nano>(now - m_begin).count();
	auto const share = [time](std::chrono::nanoseconds const busy) { return double(busy.count()) / time; };
	m_last[m_windows++ % history] = {share(so_far.network_thread - m_before.network_thread),
		share(so_far.workers - m_before.workers), share(so_far.machine - m_before.machine),
		double(so_far.moved - m_before.moved) / time * 1e9};
	m_begin = now;
	m_before = so_far;
	m_busy_windows = is_busy() ? m_busy_windows + 1 : 0;
	m_load = m_load * 0.9 + load() * 0.1;
	switch (m_state)
	{
	case state::compressed:
		if (m_busy_windows >= windows_until_busy && now - m_changed >= m_pause)
		{
			begin_trial(now);
		}
		break;
	case state::trial:
		if (++m_trial_windows == windows_to_settle + static_cast<int>(history))
		{
			end_trial(now);
		}
		break;
	case state::raw:
		if (m_load < 1 && now - m_changed >= m_pause)
		{
			m_state = state::compressed;
			m_changed = now - m_pause; // the next trial may come at once
		}
		break;
	}
}

void processor_limit::begin_trial(clock::time_point const now)
{
	m_state = state::trial;
	m_trial_windows = 0;
	m_rate_compressed = mean(&rates::moved);
	// a machine that was not busy for long has other work now
	m_pause = now - m_changed > 2 * longest_pause ? shortest_pause : std::min(m_pause * 2, longest_pause);
	m_changed = now;
}

void processor_limit::end_trial(clock::time_point const now)
{
	bool const is_better = mean(&rates::moved) > m_rate_compressed * clearly_faster;
	m_state = is_better ? state::raw : state::compressed;
	m_changed = now;
	m_busy_windows = 0;
	m_load = 1 / thread_idle; // until it is known
}

} // namespace rawswarm
