// SPDX-License-Identifier: BSD-3-Clause
// Another program, run to its end, with what it printed.
//
// Blocking. The program gets no standard input, the C locale, and no descriptor of ours but its output.
#pragma once

#include "base/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace rawswarm
{

struct program_end
{
	int exit_code = 0; // 128 and the signal's number if one ended it
	std::string output; // standard output and error: the last 64 KiB
};

// Where a shell finds a program of that name in PATH; empty: nowhere.
std::string program_in_path(std::string_view name);

// words: the program's path and its arguments. fault::internal if it cannot be started.
result<program_end> run_program(std::vector<std::string> const& words);

// The last line of what it printed that is not blank, fit for a message.
std::string last_line(program_end const& end);

} // namespace rawswarm
