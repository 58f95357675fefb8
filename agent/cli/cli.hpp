// SPDX-License-Identifier: BSD-3-Clause
// The command line.
#pragma once

#include <string>
#include <vector>

namespace rawswarm
{

// Returns the exit code. args: without the program's name.
int run_cli(std::vector<std::string> const& args);

} // namespace rawswarm
