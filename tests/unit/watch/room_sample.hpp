// SPDX-License-Identifier: BSD-3-Clause
// Beacons of a room, for tests of what watches it.
#pragma once

#include "agent/watch/fleet.hpp"

#include <cstdint>
#include <string>

namespace rawswarm::test
{

inline constexpr fleet_clock::time_point room_start{};

inline received_beacon beacon_of(
	std::string const& host, job_state state, std::uint64_t seq = 1, std::int64_t done = 0)
{
	received_beacon b;
	b.id = {"lab-3", "52:54:00:00:00:" + host, host, "run-of-" + host, {}, 0};
	b.seq = seq;
	b.p.state = state;
	target_progress t;
	t.device = "/dev/sda1";
	t.state = state;
	t.total = 1000;
	t.done = done;
	t.down = 112 * 1024 * 1024;
	t.peers = 12;
	b.p.targets = {t};
	b.targets_total = 1;
	return b;
}

inline received_beacon of_boot(
	received_beacon b, std::string const& run, std::string const& boot, std::int64_t start)
{
	b.id.run = run;
	b.id.boot = boot;
	b.id.start_ms = start;
	return b;
}

} // namespace rawswarm::test
