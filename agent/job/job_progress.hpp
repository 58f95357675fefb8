// SPDX-License-Identifier: BSD-3-Clause
// The progress and the exit code of a whole job, out of what its parts know.
//
// Pure.
#pragma once

#include "agent/manifest/manifest.hpp"
#include "agent/progress/progress.hpp"
#include "base/result.hpp"

#include <optional>
#include <vector>

namespace rawswarm
{

// What a job knows beside its targets.
struct job_status
{
	job_state state = job_state::starting; // of the job; past `partitioning` its targets say how far it is
	bool has_ended = false;
	std::optional<error> failure; // the first one
	int signal = 0; // that stopped it; 0: none
	std::vector<table_progress> tables;
};

char const* signal_name(int signal);

// The failure's, else that of the signal, else 0.
int exit_code_of(job_status const& status);

// targets: empty as long as there is no plan; the progress then has those of the manifest.
// Storage and uptime are left to the caller.
progress overall_progress(
	job_status const& status, manifest const& job, std::vector<target_progress> targets);

} // namespace rawswarm
