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
	bool is_stuck =
		false; // threads wait for a device and use the arguments of run_job(): the program must end
};

// Blocks until the job is over or a signal ends it. `signals` is a descriptor from which they are read, a
// byte each, as guarded_work has it. SIGINT and SIGTERM stop traffic, flush and sync what has arrived as long
// as that goes on, and make the exit code 130 or 143; a second one ends the job at once. Errors of the job
// are logged and are in the outcome.
job_outcome run_job(manifest const& job, machine_identity const& self, int signals);

} // namespace rawswarm
