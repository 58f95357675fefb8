// SPDX-License-Identifier: BSD-3-Clause
// The table of the room as lines of text: who stands in it and in which order, and how it is drawn.
//
// Pure: takes the fleet, the time and a view, keeps no state. Safe to print: what came from the network has
// neither control characters nor another width than it should have. The only escape sequences are colours,
// and none of them without view.colours. One column and no more is left free at the right.
#pragma once

#include "agent/watch/display.hpp"
#include "agent/watch/fleet.hpp"
#include "agent/watch/table_view.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace rawswarm
{

// The machines that the view shows, failed and silent ones first whatever it sorts by.
std::vector<fleet_agent const*> arranged(fleet const& hosts, table_view const& view);

struct drawn_table
{
	std::vector<std::string> lines; // at most view.rows; without newlines
	std::size_t body = 0; // how many of them are the room and its machines; the keys are below
	std::size_t top = 0; // the first machine that is seen: view.top, or less
	std::size_t below = 0; // machines that stand below the last line
};

drawn_table draw_table(watched_room const& room, table_view const& shown);

} // namespace rawswarm
