// SPDX-License-Identifier: BSD-3-Clause
// The verbs of the command line, called once their options are known. Each returns the exit code, or an error
// that the command line prints.
#pragma once

#include "agent/create/create.hpp"
#include "agent/job/job.hpp"
#include "agent/job/job_source.hpp"
#include "agent/watch/watch.hpp"
#include "base/result.hpp"

#include <optional>
#include <string>

namespace rawswarm
{

struct common_options
{
	std::string log; // --log
	bool json = false; // --json
	bool sandbox =
		true; // not --no-sandbox: `run`, `seed`, `boot`, `serve` and `watch` give up what they do not need
};

// Prints the report of a job, if it is wanted, and returns the exit code. A report that cannot be written is
// logged, and is no success; the job's end action is to follow all the same.
int print_report(job_outcome const& outcome, common_options const& common);

// `run` and `seed`. socket: where the agent is to be asked; empty: at the usual place.
result<int> command_run(job_source const& source, common_options const& common, std::string const& socket);

// `check`: every check and the plan; writes nothing.
result<int> command_check(job_source const& source, common_options const& common);

// `verify`: reads the targets and hashes them; writes nothing.
result<int> command_verify(job_source const& source, common_options const& common);

// `devices`: the block devices, and how a job would name each.
result<int> command_devices(common_options const& common);

result<int> command_info(std::string const& path, common_options const& common);
// job: where to write a manifest for the image as well, if anywhere.
result<int> command_create(
	create_options const& options, std::optional<std::string> const& job, common_options const& common);

} // namespace rawswarm
