// SPDX-License-Identifier: BSD-3-Clause
// The manual pages of the program and its commands, rawswarm(8), rawswarm-run(8) and so on, in roff with the
// man macros, made from the option table and from texts that are in no table. Those of files are made by
// key_manual.hpp. Pure.
#pragma once

#include "agent/cli/option_table.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace rawswarm
{

struct manual_page
{
	std::string name; // as its file's: "rawswarm-run.8"
	std::string text;
};

// rawswarm(8) first, then the commands in their order.
std::vector<manual_page> manual_of_commands(
	table_command const& program, std::vector<table_command> const& commands);

} // namespace rawswarm
