// SPDX-License-Identifier: BSD-3-Clause
// One image from one process to another, measured. Errors are thrown, among them a program that fails, its
// output with them.
#pragma once

#include "tests/bench/transfer/process_watch.hpp"
#include "tests/bench/transfer/transfer_program.hpp"

#include <cstdint>

namespace rawswarm::bench
{

struct side_cost
{
	thread_times threads;
	cpu_time all; // with threads that ended unseen, and the process's own end
	std::int64_t peak = 0; // bytes, resident
};

struct transfer
{
	double seconds = 0; // from the client's start until its end
	double busy = 0; // share of the machine's processors meanwhile, 0 to 1
	side_cost seeder; // from the client's start on
	side_cost client;
	bool is_right = false; // the client's copy equals the image
};

transfer run_transfer(transfer_program const& program, transfer_task const& task);

} // namespace rawswarm::bench
