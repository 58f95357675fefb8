// SPDX-License-Identifier: BSD-3-Clause
// Completion of the command line in shells, made from its option table: commands, options, and the values
// that completed_value.hpp knows. What devices there are is asked of `rawswarm devices` when somebody
// completes one. Pure.
#pragma once

#include "agent/cli/option_table.hpp"

#include <string>
#include <vector>

namespace rawswarm
{

// Scripts to be sourced, or to be put where the shell looks for them. That of bash needs no library of
// completions, those of zsh and fish use what the shells bring.
std::string bash_completion(table_command const& program, std::vector<table_command> const& commands);
std::string zsh_completion(table_command const& program, std::vector<table_command> const& commands);
std::string fish_completion(table_command const& program, std::vector<table_command> const& commands);

} // namespace rawswarm
