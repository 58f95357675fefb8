// SPDX-License-Identifier: BSD-3-Clause
// `rawswarm help`: prints the manual page and shell completions, for packages. Hidden from --help.
#pragma once

#include "agent/cli/cli11.hpp"
#include "base/result.hpp"

#include <string>

namespace rawswarm
{

struct help_options
{
	bool man = false; // the manual page
	std::string shell; // "bash": completion for it; empty: none
};

// Prints to standard output; without an option the text of --help. Returns the exit code.
result<int> print_help(CLI::App const& app, help_options const& options);

} // namespace rawswarm
