// SPDX-License-Identifier: BSD-3-Clause
// Another program, run to its end, with what it printed.
//
// Blocking. The program gets no standard input, no descriptor of ours but its output, and a process group of
// its own. It is over when it has ended, whatever it has left running.
#pragma once

#include "base/result.hpp"

#include <chrono>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace rawswarm
{

struct program_options
{
	std::vector<std::string> variables = {}; // "NAME=value": set beside our own environment, or instead of it
	std::chrono::seconds timeout{0}; // its group is ended (SIGTERM, then SIGKILL); 0: never
	std::stop_token stop = {}; // likewise
	std::function<void(std::string_view line)> on_line = {}; // as it prints it, without the line's end
};

struct program_end
{
	int exit_code = 0; // 128 and the signal's number if one ended it
	bool timed_out = false;
	bool was_stopped = false;
	std::string output; // standard output and error: the last 64 KiB
};

// Where a shell finds a program of that name: itself if it has a slash, else in PATH; empty: nowhere.
std::string program_in_path(std::string_view name);

// words: the program's path and its arguments. fault::internal if it cannot be started.
result<program_end> run_program(std::vector<std::string> const& words, program_options const& options = {});

// The last line of what it printed that is not blank, fit for a message.
std::string last_line(program_end const& end);

} // namespace rawswarm
