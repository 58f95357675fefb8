// SPDX-License-Identifier: BSD-3-Clause
// A row with the program itself: peers that have everything and fast links, on a device of the bench. Shows
// what the network adds to the backend: peers that were told to stop still deliver.
#pragma once

#include "tests/bench/disk/backend_run.hpp"

#include <cstddef>
#include <string>

namespace rawswarm::bench
{

struct program_options
{
	std::string device;
	int size = 512; // MiB
	std::size_t memory = 0; // bytes
	int peers = 8;
};

// From the first byte to the end of the sync. Errors are printed, and the result is not ok.
run_result run_program(program_options const& options);

} // namespace rawswarm::bench
