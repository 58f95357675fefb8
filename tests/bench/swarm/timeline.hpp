// SPDX-License-Identifier: BSD-3-Clause
// Tells what the slowest client of a room waited for, in one line per twentieth of its time. Pure: makes text
// of a measurement.
#pragma once

#include "tests/bench/swarm/measurement.hpp"
#include "tests/support/program/room_image.hpp"

#include <string>

namespace rawswarm::bench
{

// Empty if the program sends no beacons.
std::string timeline_of(measurement const& m, image_files const& image, int mbit);

} // namespace rawswarm::bench
