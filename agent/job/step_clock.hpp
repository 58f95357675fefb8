// SPDX-License-Identifier: BSD-3-Clause
// How long the steps of a target's completion took, those that are over.
//
// Pure: the caller brings the time. One thread.
#pragma once

#include "agent/progress/progress.hpp"

#include <chrono>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace rawswarm
{

class step_clock
{
public:
	using clock = std::chrono::steady_clock;

	void begin(std::string const& step, clock::time_point const now) { m_begun[step] = now; }

	// Does nothing for a step that is not under way.
	void end(std::string const& step, clock::time_point const now)
	{
		if (auto const begun = m_begun.extract(step); !begun.empty())
		{
			m_over.push_back(
				{step, std::chrono::duration_cast<std::chrono::milliseconds>(now - begun.mapped())});
		}
	}

	// In the order in which they ended.
	std::vector<step_time> const& over() const { return m_over; }

private:
	std::map<std::string, clock::time_point> m_begun;
	std::vector<step_time> m_over;
};

} // namespace rawswarm
