// SPDX-License-Identifier: BSD-3-Clause
// What one slow client costs the rest of a room: the same room with all clients alike and with the last one
// slow, in turns. How long it takes until the last of the *others* has all.
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
	disk // a seventh of what a link of 100 Mbit/s brings
};

struct slow_member_run
{
	slow_part part = slow_part::link;
	int clients = 0; // the slow one included
	int mbit = 0;
	int rounds = 1;
	std::string memory; // as of task
	std::string logs; // as of task
};

// Prints a row a round, and the ratio of the medians. False: a target was not equal to the image. Errors are
// thrown.
bool compare_with_slow_member(slow_member_run const& run, image_files const& image,
	std::function<std::unique_ptr<contender>(task const&)> const& make);

} // namespace rawswarm::bench
