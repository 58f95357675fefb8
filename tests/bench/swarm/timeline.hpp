// SPDX-License-Identifier: BSD-3-Clause
// Tells what the slowest client of a room waited for, in one line per twentieth of its time. Pure: makes text
// of a measurement.
#pragma once

#include "tests/bench/swarm/measurement.hpp"

#include <string>

namespace rawswarm::bench
{

// Empty if the program sends no beacons.
std::string timeline_of(measurement const& m, room_content const& content, int mbit);

} // namespace rawswarm::bench
