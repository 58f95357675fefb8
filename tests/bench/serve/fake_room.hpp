// SPDX-License-Identifier: BSD-3-Clause
// Machines that boot at the same moment from `rawswarm serve`, as a boot loader and the agent do it, each
// from an address of its own and with a connection for each request: the script, the kernel, the initramfs,
// the job, and then the report that its image is on its disk.
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

// As room.json has it. number: of the machine, from 0.
std::string fake_mac(unsigned number);

// port: of the server, on 127.0.0.1. Returns when all are done, or the time is over.
room_result run_room(std::uint16_t port, unsigned machines, std::chrono::seconds limit);

} // namespace rawswarm::bench
