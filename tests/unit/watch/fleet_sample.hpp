// SPDX-License-Identifier: BSD-3-Clause
// Beacons of single machines, for tests of the fleet and of who watches it.
#pragma once

#include "tests/unit/watch/room_sample.hpp"

#include <cstdint>
#include <string>

namespace rawswarm::test
{

// The machine that most tests are about.
inline received_beacon a_beacon(std::uint64_t seq, job_state state, std::int64_t done = 0)
{
	auto b = beacon_of("pc-07", state, seq, done);
	b.id.agent = "52:54:00:12:34:56";
	b.id.run = "run-1";
	return b;
}

// Another one.
inline received_beacon of_agent(std::string const& agent, job_state state, std::uint64_t seq = 1)
{
	auto b = a_beacon(seq, state);
	b.id.agent = agent;
	b.id.host = "host-" + agent;
	return b;
}

} // namespace rawswarm::test
