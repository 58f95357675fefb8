// SPDX-License-Identifier: BSD-3-Clause
// The progress of a job that runs, as one snapshot of its status, its targets, the phases around them and
// what its download waited for.
//
// Used by the thread of the io_context. What it is made of must outlive it.
#pragma once

#include "agent/job/capture_job.hpp"
#include "agent/job/job_phases.hpp"
#include "agent/job/job_progress.hpp"
#include "agent/job/job_targets.hpp"
#include "agent/job/limit_samples.hpp"
#include "agent/job/link_report.hpp"
#include "agent/machine/identity.hpp"
#include "agent/manifest/manifest.hpp"
#include "agent/progress/progress.hpp"
#include "agent/swarm/swarm_activity.hpp"
#include "storage/backend/storage_context.hpp"

#include <chrono>
#include <vector>

namespace rawswarm
{

class running_progress
{
public:
	struct sources
	{
		manifest const& job;
		job_status const& status;
		job_targets const& targets;
		link_report const& link;
		storage_context const& storage;
	};

	// fetching: how long it took until the job was there.
	running_progress(sources from, machine_identity const& self, std::chrono::milliseconds fetching);

	// The job is in a phase of its own, or has left it to its targets.
	void enter(job_state state) { m_phases.enter(state, clock::now()); }
	void leave() { m_phases.leave(clock::now()); }

	// To be called several times a second while targets are downloaded.
	void sample(swarm_activity const& activity);

	// capture: a disk that is read, and has no target as yet; null: none.
	progress snapshot(capture_job const* capture) const;

private:
	using clock = std::chrono::steady_clock;

	std::vector<target_progress> targets() const;

	sources m_from;
	job_phases m_phases;
	limit_samples m_limits;
	clock::time_point m_started = clock::now();
};

} // namespace rawswarm
