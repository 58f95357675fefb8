// SPDX-License-Identifier: BSD-3-Clause
// The most memory that a program took.
#pragma once

#include "tests/support/base/child_process.hpp"

#include <chrono>
#include <cstdint>

namespace rawswarm::test
{

struct measured_run
{
	run_result ended; // its output ends with a line that is not the program's
	std::uint64_t peak_mib = 0; // resident
};

// Runs it to its end, as run() does. It is started by a small program, as a child's peak is at least what its
// parent had, and that of a test which runs behind others in one process is anything.
measured_run run_measured(child_options command, std::chrono::seconds limit);

} // namespace rawswarm::test
