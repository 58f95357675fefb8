// SPDX-License-Identifier: BSD-3-Clause
// `rawswarm help`: prints manual pages, the schemas of files and shell completions, for packages. Hidden from
// --help.
#pragma once

#include "agent/cli/cli11.hpp"
#include "base/result.hpp"

#include <string>

namespace rawswarm
{

struct help_options
{
	std::string topic; // a command; of a manual page also "job", "room.5"
	bool man = false; // the manual page
	bool pages = false; // the names of all manual pages
	std::string schema; // "job", "room"; empty: none
	std::string shell; // "bash": completion for it; empty: none
};

// Prints to standard output; without an option the text of --help. Returns the exit code. fault::usage: there
// is nothing on the topic.
result<int> print_help(CLI::App const& app, help_options const& options);

// The licences of the program and of what is linked into it.
std::string licenses();

} // namespace rawswarm
