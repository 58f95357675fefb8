// SPDX-License-Identifier: BSD-3-Clause
// The delay that one slow client causes for the rest of a room: the same room with equal clients and with the
// last one slow, in turns. Measured is the time until the last of the *others* has the image.
#pragma once

#include "tests/bench/swarm/contender.hpp"

#include <functional>
#include <memory>
#include <string>

namespace rawswarm::bench
{

enum class slow_part
{
	link, // a tenth of the others' rate
	disk // a seventh of the rate of a 100 Mbit/s link
};

struct slow_member_run
{
	slow_part part = slow_part::link;
	int clients = 0; // the slow one included
	int mbit = 0;
	int rounds = 1;
	std::string memory; // as of task
	std::string logs; // as of task
	std::string compress; // as of task
};

// Prints a row per round, and the ratio of the medians. False: a target differs from the image. Errors are
// thrown.
bool compare_with_slow_member(slow_member_run const& run, room_content const& content,
	std::function<std::unique_ptr<contender>(task const&)> const& make);

} // namespace rawswarm::bench
