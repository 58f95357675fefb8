// SPDX-License-Identifier: BSD-3-Clause
// Machines that boot at the same moment: each fetches some files, one after the other, and then posts its
// report, as a boot loader and the agent do, each time by a connection of its own.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace rawswarm::bench
{

struct room_result
{
	std::vector<std::chrono::duration<double>> times; // of each machine that was done, the fastest first
	std::uint64_t bytes = 0;
	std::uint64_t refused = 0; // connections that brought something else than was asked for; asked again
};

// Returns when all are done, or the time is over.
room_result run_room(
	std::uint16_t port, unsigned machines, std::vector<std::string> const& paths, std::chrono::seconds limit);

} // namespace rawswarm::bench
