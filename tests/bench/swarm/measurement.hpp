// SPDX-License-Identifier: BSD-3-Clause
// One image to one room, measured.
#pragma once

#include "tests/bench/swarm/contender.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

namespace rawswarm::bench
{

struct link_sample
{
	clock::time_point at{};
	std::vector<link_bytes> links; // one per host
};

struct host_result
{
	double seconds = 0; // from the first client's start until the host had the image; 0 for the seeder
	double cpu_seconds = 0; // of the whole process
	std::int64_t peak_memory = 0; // bytes
	bool is_right = true; // the target equals the image
};

struct measurement
{
	clock::time_point started{};
	std::vector<host_result> hosts; // host 0 is the seeder
	std::vector<link_sample> samples;
	std::vector<std::vector<host_beacon>> beacons; // one per host; empty if the program sends none
	std::optional<std::int64_t> sent; // bytes of the image that the seeder sent
	std::int64_t wire = 0; // all bytes that the seeder sent on its cable
	double busy = 0; // share of the machine's processors, 0 to 1

	std::size_t slowest() const;
	double first() const;
	double last() const { return hosts[slowest()].seconds; }
	bool is_right() const;
};

// Errors are thrown, among them a program that fails or takes longer than the limit.
measurement measure(contender& program, task const& t, std::chrono::seconds limit);

} // namespace rawswarm::bench
