// SPDX-License-Identifier: BSD-3-Clause
// The same as serve_rows.hpp with the program: a seeder of a disk with seek costs and a room of 1 to 6
// clients, each in a network namespace of its own, without a limit on the links.
//
// The disk is slower by 7.5 than that of the other rows, seeks too: 20 MB/s and 90 ms. So the disk decides,
// and not the processors, which all agents of the room share here.
#pragma once

#include "tests/bench/disk/disk_bounds.hpp"
#include "tests/bench/disk/disk_rows.hpp"

namespace rawswarm::bench
{

// Prints a row for each number of clients: how fast the last of them had the image, against reading the disk
// from end to end. Errors are thrown.
void run_serve_rooms(disk_options const& o, verdicts& v);

} // namespace rawswarm::bench
