// SPDX-License-Identifier: BSD-3-Clause
// The state that one target is in, and how long it was in each.
//
// Pure: the caller brings the time.
#pragma once

#include "agent/job/target_state.hpp"
#include "agent/progress/progress.hpp"

#include <chrono>
#include <vector>

namespace rawswarm
{

class target_phases
{
public:
	using clock = std::chrono::steady_clock;

	explicit target_phases(clock::time_point now)
		: m_since(now)
	{}

	job_state state() const noexcept { return m_state; }

	// Goes to the state that follows. False, and nothing changes, if the event means nothing in this one.
	bool apply(target_event event, clock::time_point now);

	// In their order: the states that were left, and the present one unless nothing follows it.
	std::vector<phase_time> phases(clock::time_point now) const;

private:
	phase_time current(clock::time_point now) const;

	job_state m_state = job_state::planning;
	clock::time_point m_since;
	std::vector<phase_time> m_left;
};

} // namespace rawswarm
