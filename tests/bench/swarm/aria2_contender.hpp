// SPDX-License-Identifier: BSD-3-Clause
// aria2 (aria2c): a tracker gives all clients each other's addresses, and a client is done when it calls its
// hook. Its local peer discovery is not enough: a seeder announces itself once, before there are clients, and
// dials no one.
#pragma once

#include "tests/bench/swarm/contender.hpp"

#include <memory>

namespace rawswarm::bench
{

// Null if the program is not installed.
std::unique_ptr<contender> make_aria2(task const& t);

// The same for clients in a room whose seeder is another program: they fetch the torrent with its gaps.
std::unique_ptr<contender> make_aria2_member(task const& t);

} // namespace rawswarm::bench
