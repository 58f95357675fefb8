// SPDX-License-Identifier: BSD-3-Clause
// How long a job spent in what it does before and after its targets: until it was there (starting), planning,
// partitioning, finishing.
//
// Pure: the caller brings the time. One thread.
#pragma once

#include "agent/progress/progress.hpp"

#include <chrono>
#include <optional>
#include <vector>

namespace rawswarm
{

class job_phases
{
public:
	using clock = std::chrono::steady_clock;

	// fetching: how long it took until the job was there.
	explicit job_phases(std::chrono::milliseconds const fetching)
		: m_over{{job_state::starting, fetching}}
	{}

	void enter(job_state const state, clock::time_point const now)
	{
		leave(now);
		m_state = state;
		m_since = now;
	}

	// What follows is the targets' time.
	void leave(clock::time_point const now)
	{
		m_over = so_far(now);
		m_state.reset();
	}

	// In their order, the present one last.
	std::vector<phase_time> so_far(clock::time_point const now) const
	{
		auto phases = m_over;
		if (m_state)
		{
			phases.push_back(
				{*m_state, std::chrono::duration_cast<std::chrono::milliseconds>(now - m_since)});
		}
		return phases;
	}

private:
	std::vector<phase_time> m_over;
	std::optional<job_state> m_state;
	clock::time_point m_since;
};

} // namespace rawswarm
