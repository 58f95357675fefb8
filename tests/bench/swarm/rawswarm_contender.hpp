// SPDX-License-Identifier: BSD-3-Clause
// rawswarm: `rawswarm seed` and `rawswarm run`. A client knows the seeder's address and finds the others by
// local service discovery and peer exchange. It is done when its beacon says so: every byte is synced.
#pragma once

#include "tests/bench/swarm/contender.hpp"

#include <memory>

namespace rawswarm::bench
{

std::unique_ptr<contender> make_rawswarm(task const& t);

} // namespace rawswarm::bench
