// SPDX-License-Identifier: BSD-3-Clause
#include "agent/swarm/pack_level.hpp"

#include <algorithm>

namespace rawswarm
{

namespace
{

// Shares of the time. Above these something is short of it.
constexpr double workers_limit = 0.75;
constexpr double thread_limit = 0.7;
constexpr double machine_limit = 0.8;

// What a step up may lead to: the rest is for what comes in bursts.
constexpr double workers_aim = 0.5;
constexpr double machine_aim = 0.65;

// Less is no work to judge by.
constexpr double least_packing = 0.005;

} // namespace

bool pack_level::has_time_for_more(shares const& w, totals const& t) const
{
	auto const more = w.packing * (steps.at(m_step + 1).cost / steps.at(m_step).cost - 1);
	return w.packing > least_packing && w.workers + more < workers_aim
		&& w.machine + more * t.workers / t.processors < machine_aim;
}

void pack_level::end_window(clock::time_point const now, windows::window const& w)
{
	int const workers = std::max(1, w.after.workers);
	auto const packing = w.share(&totals::packing) / workers;
	auto const unpacking = w.share(&totals::unpacking) / workers;
	auto const& last =
		m_last[m_windows++ % history] = {packing, packing + unpacking, w.share(&totals::machine)};
	if (last.workers > workers_limit || w.share(&totals::network_thread) > thread_limit
		|| last.machine > machine_limit)
	{
		step_down(now);
	}
	else if (m_step + 1 < steps.size() && w.after.workers > 0 && m_windows >= history && now >= m_next
		&& std::all_of(
			m_last.begin(), m_last.end(), [&](shares const& s) { return has_time_for_more(s, w.after); }))
	{
		++m_step;
		m_windows = 0;
	}
}

void pack_level::step_down(clock::time_point const now)
{
	if (m_step == 0)
	{
		return;
	}
	--m_step;
	m_windows = 0;
	if (now >= m_next)
	{
		m_pause = std::clamp(m_pause * 2, shortest_pause, longest_pause);
	}
	m_next = now + m_pause;
}

} // namespace rawswarm
