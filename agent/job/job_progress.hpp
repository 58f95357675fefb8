// SPDX-License-Identifier: BSD-3-Clause
// Computes the progress and the exit code of a whole job from those of its parts.
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

// The state of a job apart from that of its targets.
struct job_status
{
	job_state state =
		job_state::starting; // past `partitioning` the states of the targets count, but for `finishing`
	bool is_to_finish = false; // something follows once all targets are done
	bool owes_finishing = false; // the job asks for something that follows, and it is not done yet
	bool has_ended = false;
	std::optional<error> failure; // the first one
	int signal = 0; // that stopped it; 0: none
	std::vector<table_progress> tables;
	std::vector<volume_progress> volumes;
};

char const* signal_name(int signal);

// The number of the failure's fault, else 128 + the signal, else 0.
int exit_code_of(job_status const& status);

// targets: empty while there is no plan; then the progress lists the targets of the manifest. The caller adds
// storage and uptime.
progress overall_progress(
	job_status const& status, manifest const& job, std::vector<target_progress> targets);

} // namespace rawswarm
