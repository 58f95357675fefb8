// SPDX-License-Identifier: BSD-3-Clause
// Carries a job out: plan, open, download, flush, sync, serve, end. The table of states is in
// target_state.hpp; what happened is in one progress value, which every display reads.
#pragma once

#include "agent/machine/identity.hpp"
#include "agent/manifest/manifest.hpp"
#include "agent/progress/progress.hpp"
#include "base/result.hpp"

namespace rawswarm
{

struct job_outcome
{
	int exit_code = 0; // a fault's number, or 128 + that of a signal (docs/spec.md, "Exit codes")
	progress last; // the values of the final beacons
};

// Blocks until the job is over or a signal ends it. Handles SIGINT and SIGTERM while it runs: traffic
// stops, what arrived is flushed and synced, and the exit code is 130 or 143. Errors of the job are in
// the outcome and were logged.
job_outcome run_job(manifest const& job, machine_identity const& self);

} // namespace rawswarm
