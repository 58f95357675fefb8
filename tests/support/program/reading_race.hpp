// SPDX-License-Identifier: BSD-3-Clause
// How fast a command of rawswarm that reads and hashes all of a device is, beside the two bounds of any such
// command: reading the device (dd, past the page cache, 1 MiB per read) and hashing as many bytes (openssl
// dgst, one process per processor, each on its own part in memory).
//
// The device is a loop device over a file in memory. The three take turns; each figure is a median, and the
// ratio is that of the medians. Times are those of whole processes. Then reading and the command once more,
// with the device at 400 MiB/s: as a disk that is slow and leaves the processors alone. Needs root, twice the
// image's size of memory, and a control group that limits reads (read_limit.hpp).
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace rawswarm::test
{

struct race_place
{
	std::string device;
	std::string torrent; // of the device
	std::string output; // a path in memory that is free
};

// The words of the command, without the program.
using racing_command = std::function<std::vector<std::string>(race_place const&)>;

// The main() of a bench NAME [MIB] [ROUNDS]. Returns 1 if the command reaches less than 0.9 of the slower
// bound, in memory or on the slow disk.
int run_reading_race(int argc, char** argv, racing_command const& command);

} // namespace rawswarm::test
