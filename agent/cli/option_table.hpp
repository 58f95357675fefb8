// SPDX-License-Identifier: BSD-3-Clause
// The commands and options of the command line, read from its CLI::App. The manual pages (manual.hpp) and the
// completions of shells (completion.hpp) are made from it. Pure. Keeps their order; those without a group are
// hidden and left out.
#pragma once

#include "agent/cli/cli11.hpp"
#include "agent/cli/completed_value.hpp"

#include <string>
#include <vector>

namespace rawswarm
{

struct table_option
{
	std::vector<std::string> names; // with their dashes; empty: an argument without a name
	std::string value; // the name of its value: "FILE"; empty: a flag
	completed_value completed; // what a shell offers for the value
	std::string fallback; // the default, if it is to be shown
	std::string text;
	bool required = false;
	bool repeatable = false;
};

struct table_command
{
	std::string name;
	std::string text;
	std::vector<table_option> options;
	std::vector<table_option> arguments; // those without a name, in their order
};

// The program itself; read_commands() reads its commands.
table_command read_program(CLI::App const& app);

std::vector<table_command> read_commands(CLI::App const& app);

} // namespace rawswarm
