// SPDX-License-Identifier: BSD-3-Clause
// What the slowest client of a room waited for, a line for every twentieth of its time. Pure: text out of a
// measurement.
#pragma once

#include "tests/bench/swarm/measurement.hpp"
#include "tests/support/program/room_image.hpp"

#include <string>

namespace rawswarm::bench
{

// Empty where the program sends no beacons.
std::string timeline_of(measurement const& m, image_files const& image, int mbit);

} // namespace rawswarm::bench
