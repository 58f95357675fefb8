// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/target_phases.hpp"

namespace rawswarm
{

bool target_phases::apply(target_event const event, clock::time_point const now)
{
	auto const next = next_state(m_state, event);
	if (!next)
	{
		return false;
	}
	m_left.push_back(current(now));
	m_since = now;
	m_state = *next;
	return true;
}

std::vector<phase_time> target_phases::phases(clock::time_point const now) const
{
	auto phases = m_left;
	if (!is_final(m_state))
	{
		phases.push_back(current(now));
	}
	return phases;
}

phase_time target_phases::current(clock::time_point const now) const
{
	return {m_state, std::chrono::duration_cast<std::chrono::milliseconds>(now - m_since)};
}

} // namespace rawswarm
