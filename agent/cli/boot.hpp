// SPDX-License-Identifier: BSD-3-Clause
// `rawswarm boot`: runs the job that the kernel command line names (kernel_parameters.hpp), then carries out
// the end action of the command line or the job.
#pragma once

#include "agent/cli/commands.hpp"
#include "base/result.hpp"

#include <string>

namespace rawswarm
{

struct boot_options
{
	std::string command_line = "/proc/cmdline"; // the file that holds it
	std::string kmsg = "/dev/kmsg"; // a second output of the log
	std::string socket; // where the agent is to be asked; empty: at the usual place
	bool check = false; // only check the command line
};

// Returns the exit code: 0 at once and silently if no job is named, and 0 after a failure with
// on_failure=continue, so that the boot goes on. With on_failure=shell it is the code of the failure, and the
// caller opens the shell.
//
// After a failure before there is a job (a wrong parameter, a server that does not answer, a job that is
// refused) the parameters give the end action and the destination of its beacons.
result<int> command_boot(boot_options const& options, common_options const& common);

} // namespace rawswarm
