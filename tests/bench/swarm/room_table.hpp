// SPDX-License-Identifier: BSD-3-Clause
// The table of all rooms on standard output.
#pragma once

#include "tests/bench/swarm/measurement.hpp"

#include <string>

namespace rawswarm::bench
{

struct room_row
{
	int clients = 0;
	char const* program = "";
	int mbit = 0;
};

// Seconds that the rate needs for so many bytes.
double seconds_for(std::int64_t bytes, int mbit);

// What the columns are, and the content.
void print_head(room_content const& content, std::string const& memory);

void print_row(room_row const& row, measurement const& m, room_content const& content);

// A line with the seconds of each, for a room whose clients are not alike.
void print_each_client(measurement const& m);

} // namespace rawswarm::bench
