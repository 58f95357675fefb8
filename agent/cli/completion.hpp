// SPDX-License-Identifier: BSD-3-Clause
// Completion of the command line in bash, made from its option table. Pure.
#pragma once

#include "agent/cli/option_table.hpp"

#include <string>
#include <vector>

namespace rawswarm
{

// A script to be sourced. It completes commands, options and, if an option or argument takes a file, file
// names.
std::string bash_completion(table_command const& program, std::vector<table_command> const& commands);

} // namespace rawswarm
