// SPDX-License-Identifier: BSD-3-Clause
// What a job's download waited for: samples the counters of the swarm, the storage and the processors, and
// has the verdict (agent/progress/job_limit.hpp) once everything is on its device.
//
// One thread.
#pragma once

#include "agent/progress/limit_watch.hpp"
#include "agent/progress/progress.hpp"
#include "agent/swarm/swarm_activity.hpp"
#include "storage/backend/disk_stats.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

namespace rawswarm
{

class limit_samples
{
public:
	using clock = std::chrono::steady_clock;

	// card: bytes per second that the network card takes; empty: not known. job_limit: likewise; 0: none.
	limit_samples(std::optional<std::int64_t> card, std::int64_t job_limit, bool has_web_seeds);

	// To be called several times a second.
	void update(std::vector<target_progress> const& targets, disk_stats const& storage,
		swarm_activity const& activity, clock::time_point now);

	// Empty before all targets have been written and synced, and if nothing was fetched.
	std::optional<limit_verdict> verdict(std::vector<target_progress> const& targets) const;

private:
	std::optional<std::int64_t> m_card;
	std::int64_t m_job_limit;
	bool m_has_web_seeds;
	int m_processors;
	limit_watch m_watch;
};

} // namespace rawswarm
