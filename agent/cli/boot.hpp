// SPDX-License-Identifier: BSD-3-Clause
// `rawswarm boot`: runs the job that the kernel command line names (kernel_parameters.hpp), and ends as
// the command line or the job says.
#pragma once

#include "agent/cli/commands.hpp"
#include "base/result.hpp"

#include <string>

namespace rawswarm
{

struct boot_options
{
	std::string command_line = "/proc/cmdline"; // the file that holds it
	std::string kmsg = "/dev/kmsg"; // where the log goes as well
	bool check = false; // only say what is wrong with the command line
};

// The exit code. 0 at once and without a word when no job is named; also after a failure with
// on_failure=continue, which says that the boot is to go on. With on_failure=shell the failure's own code:
// whoever started the program then gives the shell.
//
// A failure before there is a job (a wrong parameter, a server that does not answer, a job that is refused)
// ends as the parameters say, and they tell where its beacons go.
result<int> command_boot(boot_options const& options, common_options const& common);

} // namespace rawswarm
