// SPDX-License-Identifier: BSD-3-Clause
// A program that distributes an image to every host of a room: how it starts, and when a host has the image.
#pragma once

#include "tests/bench/swarm/room_content.hpp"
#include "tests/support/base/child_process.hpp"
#include "tests/support/network/beacon_inbox.hpp"
#include "tests/support/network/room.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace rawswarm::bench
{

using clock = std::chrono::steady_clock;
using test::beacon_inbox;
using test::host_beacon;
using test::link_bytes;
using test::room;

// Everything that a contender is given.
struct task
{
	room const& hosts;
	room_content const& content;
	std::string folder; // for its own files
	std::string memory; // a client's budget, as --memory takes it
	std::string logs; // a folder for logs; empty: none
	std::string compress; // the job's swarm.compress; empty: the job does not say
	std::size_t strangers = 0; // so many of the last hosts run something else

	std::size_t agents() const { return hosts.size() - strangers; }
};

class contender
{
public:
	virtual ~contender() = default;

	virtual test::child_options seeder() = 0;
	virtual test::child_options client(std::size_t host) = 0;

	// True once clients may be started.
	virtual bool serves(test::child_process& seeder, beacon_inbox const& beacons) = 0;

	// When the host had the whole image. `now` is the time of the call.
	virtual std::optional<clock::time_point> done_at(std::size_t host, test::child_process& client,
		beacon_inbox const& beacons, clock::time_point now) = 0;

	// The path of the host's copy.
	virtual std::string target(std::size_t host) const = 0;

	// Compares every byte of it.
	virtual bool is_right(std::size_t host) const = 0;

	// Bytes of the image that the seeder reports as sent, once it has ended. Empty: it reports none.
	virtual std::optional<std::int64_t> sent(test::child_process const& seeder) const = 0;

	// Exit codes of the host's program that are not a failure once all hosts have the image.
	virtual bool ended_well(std::size_t host, int exit_code) const = 0;
};

} // namespace rawswarm::bench
