// SPDX-License-Identifier: BSD-3-Clause
// What was probably meant by a word of the command line that means nothing. Pure.
#pragma once

#include "agent/cli/cli11.hpp"
#include "base/result.hpp"

#include <string>
#include <vector>

namespace rawswarm
{

// To be called before the words are parsed: CLI11 alone would say that a subcommand is missing. fault::usage:
// `unknown command "deivces": did you mean "devices"?`
result<void> check_command(CLI::App const& app, std::vector<std::string> const& args);

// A sentence for the first option that the chosen command does not have; empty if none resembles it.
std::string suggestion(CLI::App const& app, std::vector<std::string> const& args);

} // namespace rawswarm
