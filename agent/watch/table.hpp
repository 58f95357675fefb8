// SPDX-License-Identifier: BSD-3-Clause
// The table of the room as lines of text: how it is drawn. table_order.hpp says who stands in it.
//
// Pure: takes the fleet, the time and a view, keeps no state. Safe to print: what came from the network has
// neither control characters nor another width than it should have. The only escape sequences are colours,
// and none of them without view.colours. One column and no more is left free at the right.
#pragma once

#include "agent/watch/display.hpp"
#include "agent/watch/table_view.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace rawswarm
{

struct drawn_table
{
	std::vector<std::string> lines; // at most view.rows; without newlines
	std::size_t body = 0; // how many of them are the room and its machines; the keys are below
	std::size_t top = 0; // the first machine that is seen: view.top, or less
	std::size_t below = 0; // machines that stand below the last line
};

drawn_table draw_table(watched_room const& room, table_view const& shown);

} // namespace rawswarm
