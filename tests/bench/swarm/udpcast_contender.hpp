// SPDX-License-Identifier: BSD-3-Clause
// udpcast (udp-sender, udp-receiver): multicast, done when the receiver ends. As it is, and with zstd at
// either end: `zstd -1 | udp-sender` to `udp-receiver | zstd -d`.
#pragma once

#include "tests/bench/swarm/contender.hpp"

#include <memory>

namespace rawswarm::bench
{

// Null if a program is not installed.
std::unique_ptr<contender> make_udpcast(task const& t);
std::unique_ptr<contender> make_udpcast_with_zstd(task const& t);

} // namespace rawswarm::bench
