// SPDX-License-Identifier: BSD-3-Clause
// A room for the tests of what shows it: a fleet with its history, and beacons of its machines.
#pragma once

#include "agent/watch/fleet.hpp"
#include "agent/watch/room_history.hpp"
#include "agent/watch/room_json.hpp"
#include "tests/unit/watch/room_sample.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

namespace rawswarm::test
{

// Of 52:54:00:00:00:01, pc-1 and so on: one target of 1,000 bytes, `done` of them done.
inline received_beacon sample_beacon(int number, std::uint64_t seq, job_state state, std::int64_t done = 0)
{
	auto b = beacon_of(fmt::format("pc-{}", number), state, seq, done);
	b.id.agent = fmt::format("52:54:00:00:00:{:02x}", number);
	b.id.run = "run-1";
	auto& t = b.p.targets.front();
	t.device = "/dev/sda";
	t.down = 0;
	t.peers = 0;
	return b;
}

struct room_sample
{
	fleet machines{{}};
	room_history history;
	room_facts facts;
	fleet_clock::time_point now{std::chrono::hours(1)};

	void hear(received_beacon beacon)
	{
		auto const answer = machines.apply(std::move(beacon), now);
		ASSERT_TRUE(answer.accepted);
		history.heard(*answer.agent, now);
	}

	void pass(std::chrono::seconds time)
	{
		for (int i = 0; i < time.count(); ++i)
		{
			now += std::chrono::seconds(1);
			machines.find_silent(now);
			history.tick();
		}
	}

	// One hour after the steady clock began it was 2023-11-14 22:13:20.
	moment at() const
	{
		std::chrono::system_clock::time_point const noted{std::chrono::seconds(1'700'000'000)};
		return {now, noted + (now - fleet_clock::time_point(std::chrono::hours(1)))};
	}
};

} // namespace rawswarm::test
