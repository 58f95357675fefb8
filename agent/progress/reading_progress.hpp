// SPDX-License-Identifier: BSD-3-Clause
// The progress of a command that reads something from front to back and is no job: how far it is, how fast it
// was lately, how long it still takes at that rate.
//
// Pure; one thread.
#pragma once

#include "agent/progress/progress.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>

namespace rawswarm
{

class reading_progress
{
public:
	using clock = std::chrono::steady_clock;

	// quiet: before that nothing is shown.
	explicit reading_progress(clock::time_point begin, clock::duration quiet = {});

	// For the console. Empty: what was shown last is new enough. total: 0 if it is not known. Bytes.
	std::optional<progress> at(std::int64_t done, std::int64_t total, clock::time_point now);

private:
	struct sample
	{
		clock::time_point time;
		std::int64_t done = 0;
	};

	std::int64_t rate(sample const& now);

	clock::time_point m_next; // when something is shown again
	std::deque<sample> m_samples; // of the time that the rate is of, and one before it
};

} // namespace rawswarm
