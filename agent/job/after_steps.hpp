// SPDX-License-Identifier: BSD-3-Clause
// The programs of a job's "after": run one behind the other, once every image is on its device.
//
// Blocking. Each gets the environment of this program and what steps_environment() says. What it prints goes
// to the log, line by line. The first that fails ends them, and is the job's failure (fault::internal:
// "running /usr/local/bin/enrol: exit code 3: no such asset").
#pragma once

#include "agent/manifest/manifest.hpp"
#include "base/result.hpp"

#include <span>
#include <stop_token>
#include <string>
#include <vector>

namespace rawswarm
{

// Every program is there. fault::refused: "running enrol: there is no such program". Before the first byte.
result<void> check_steps(std::span<after_step const> steps);

// RAWSWARM_JOB: the job's name; RAWSWARM_DEVICES: the devices of its images, RAWSWARM_DEVICE the first of
// them; RAWSWARM_PARTITIONS: the partitions that the kernel knows of these. Lists have blanks between.
std::vector<std::string> steps_environment(std::string const& job, std::vector<std::string> const& devices);

result<void> run_steps(std::span<after_step const> steps, std::vector<std::string> const& environment,
	std::stop_token const& stop);

} // namespace rawswarm
