// SPDX-License-Identifier: BSD-3-Clause
// Completion of the command line in bash, out of its own table. Pure.
#pragma once

#include "agent/cli/option_table.hpp"

#include <string>
#include <vector>

namespace rawswarm
{

// A script to be sourced. It completes commands, options, and the names of files where an option or argument
// takes one.
std::string bash_completion(table_command const& program, std::vector<table_command> const& commands);

} // namespace rawswarm
