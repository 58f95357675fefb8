// SPDX-License-Identifier: BSD-3-Clause
// The state of one target, and how long it spent in each state.
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

	// Enters the state that follows. Returns false and changes nothing if the event means nothing in this
	// state.
	bool apply(target_event event, clock::time_point now);

	// In their order: the states that were left, then the present one unless it is final.
	std::vector<phase_time> phases(clock::time_point now) const;

private:
	phase_time current(clock::time_point now) const;

	job_state m_state = job_state::planning;
	clock::time_point m_since;
	std::vector<phase_time> m_left;
};

} // namespace rawswarm
