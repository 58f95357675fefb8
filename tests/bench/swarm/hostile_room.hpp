// SPDX-License-Identifier: BSD-3-Clause
// The delay that hostile members cause for the rest of a room: the same room without them and with three of
// each kind, in turns. Measured is the time until the last honest client has the image.
#pragma once

#include "tests/bench/swarm/contender.hpp"

#include <functional>
#include <memory>
#include <string>

namespace rawswarm::bench
{

struct hostile_room_run
{
	int clients = 0; // honest ones
	int mbit = 0;
	int rounds = 1;
	std::string kind; // the only one (test::name_of), or all
	std::string memory; // as of task
	std::string logs; // as of task
	std::string compress; // as of task
};

// Prints a row per round, and the ratio of the medians of each kind. False: a target differs from the image.
// Errors are thrown.
bool compare_with_hostile_members(hostile_room_run const& run, room_content const& content,
	std::function<std::unique_ptr<contender>(task const&)> const& make);

} // namespace rawswarm::bench
