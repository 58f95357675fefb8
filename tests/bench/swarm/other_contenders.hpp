// SPDX-License-Identifier: BSD-3-Clause
// What else brings one image to many hosts, in the same room with the same files.
//
// aria2 (aria2c): a tracker tells everyone of everyone, and clients are done when they call their hook. Its
// local peer discovery does not do: a seeder calls once, before there are clients, and dials nobody. udpcast
// (udp-sender, udp-receiver): multicast, done when the receiver ends.
#pragma once

#include "tests/bench/swarm/contender.hpp"

#include <memory>

namespace rawswarm::bench
{

// Null when the program is not installed.
std::unique_ptr<contender> make_aria2(task const& t);
std::unique_ptr<contender> make_udpcast(task const& t);

} // namespace rawswarm::bench
