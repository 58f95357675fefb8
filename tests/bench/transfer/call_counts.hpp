// SPDX-License-Identifier: BSD-3-Clause
// The system calls of both sides of a transfer, counted by strace in a run of its own, which they make slow.
// Errors are thrown.
#pragma once

#include "tests/bench/transfer/transfer_program.hpp"

#include <cstdint>
#include <map>
#include <string>

namespace rawswarm::bench
{

using call_counts = std::map<std::string, std::int64_t>; // by the call's name

struct transfer_calls
{
	call_counts seeder; // from its own start to its end
	call_counts client;
};

transfer_calls count_calls(transfer_program const& program, transfer_task const& task);

// The table that `strace -c` prints.
call_counts parse_strace_summary(std::string const& text);

} // namespace rawswarm::bench
