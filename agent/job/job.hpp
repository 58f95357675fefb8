// SPDX-License-Identifier: BSD-3-Clause
// Carries a job out: plan, open, download, flush, sync, serve, end. The state table is in
// target_state.hpp; what happened is in one progress value that every display reads.
#pragma once

#include "agent/machine/identity.hpp"
#include "agent/manifest/manifest.hpp"
#include "agent/progress/progress.hpp"
#include "base/result.hpp"

#include <string>

namespace rawswarm
{

struct job_options
{
	bool show_progress = true; // on standard error
};

struct job_outcome
{
	int exit_code = 0; // SPEC's
	progress last; // as the last beacons had it
};

// Blocks until the job is over or a signal ends it. Handles SIGINT and SIGTERM while it runs: traffic
// stops, what arrived is flushed and synced, and the exit code is 130 or 143. Errors of the job are in
// the outcome and were logged.
job_outcome run_job(manifest const& job, machine_identity const& self, job_options const& options);

} // namespace rawswarm
