// SPDX-License-Identifier: BSD-3-Clause
// What the command line accepts, read off its CLI::App: from this come the manual page (manual.hpp) and the
// shell completion (completion.hpp). Pure. Order is that of the table; what has no group is hidden and left
// out.
#pragma once

#include <string>
#include <vector>

namespace CLI // NOLINT(readability-identifier-naming): it is CLI11's
{
class App;
} // namespace CLI

namespace rawswarm
{

struct table_option
{
	std::vector<std::string> names; // with their dashes; empty: an argument without a name
	std::string value; // what stands for it: "FILE"; empty: a flag
	std::string fallback; // what counts when the option is not given; empty: nothing, or nothing to say
	std::string text;
	bool required = false;
};

struct table_command
{
	std::string name;
	std::string text;
	std::vector<table_option> options;
	std::vector<table_option> arguments; // those without a name, in their order
};

// The program itself; its commands are read_commands().
table_command read_program(CLI::App const& app);

std::vector<table_command> read_commands(CLI::App const& app);

} // namespace rawswarm
