// SPDX-License-Identifier: BSD-3-Clause
// Carries a job out: plan, open, download, flush, sync, serve, end, report. The table of states is in
// target_state.hpp; what happened is in one progress value, which every display reads.
#pragma once

#include "agent/job/job_outcome.hpp"
#include "agent/job/job_start.hpp"
#include "agent/machine/identity.hpp"
#include "agent/manifest/manifest.hpp"

namespace rawswarm
{

// Blocks until the job is over or a signal ends it. `signals` is a descriptor from which they are read, a
// byte each, as guarded_work has it. SIGINT and SIGTERM stop traffic, flush and sync what has arrived as long
// as that goes on, and make the exit code 130 or 143; a second one ends the job at once. Errors of the job
// are logged and are in the outcome.
job_outcome run_job(
	manifest const& job, machine_identity const& self, int signals, job_start const& start = {});

} // namespace rawswarm
