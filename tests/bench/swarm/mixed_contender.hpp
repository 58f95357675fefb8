// SPDX-License-Identifier: BSD-3-Clause
// A room of several kinds: a rawswarm seeder and rawswarms, but the last client is aria2 if it is installed,
// and the one before it a rawswarm whose job turns compression off.
// All of them fetch the same torrent.
#pragma once

#include "tests/bench/swarm/contender.hpp"

#include <memory>

namespace rawswarm::bench
{

inline constexpr int least_mixed_clients = 3; // one of each kind

std::unique_ptr<contender> make_mixed(task const& t);

} // namespace rawswarm::bench
