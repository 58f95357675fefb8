// SPDX-License-Identifier: BSD-3-Clause
// The options of commands that carry out a job, or serve a torrent.
#pragma once

#include "agent/cli/cli11.hpp"
#include "agent/job/job_source.hpp"
#include "agent/manifest/overrides.hpp"

namespace rawswarm
{

// The options are bound to `flags` and `job`, which must outlive the app's parsing.
void add_swarm_options(CLI::App& app, job_flags& flags);

// Those, and where the job comes from.
void add_job_options(CLI::App& app, job_source& job, job_flags& flags);

} // namespace rawswarm
