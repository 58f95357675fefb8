// SPDX-License-Identifier: BSD-3-Clause
// How a job ended.
#pragma once

#include "agent/progress/progress.hpp"

#include <string>

namespace rawswarm
{

struct job_outcome
{
	int exit_code = 0; // a fault's number, or 128 + that of a signal (docs/spec.md, "Exit codes")
	progress last; // the values of the final beacons
	bool is_stuck =
		false; // threads wait for a device and use the arguments of run_job(): the program must end
	std::string report_failure =
		{}; // why the report is not where the job wants it; empty: it is, or none is wanted
};

} // namespace rawswarm
