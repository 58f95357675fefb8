// SPDX-License-Identifier: BSD-3-Clause
// What a watcher knows of a machine, in words. Pure.
#pragma once

#include "agent/watch/fleet.hpp"

#include <string>
#include <string_view>

namespace rawswarm
{

// The devices of its targets, cut and cleaned.
std::string devices_of(received_beacon const& b);

// One line without the newline. head: HH:MM:SS, or the subject of the line. Columns: head, host, agent,
// state, percent, rate, peers, devices; then what does not fit a column. Safe to print.
std::string fleet_line(std::string_view head, fleet_news news, fleet_agent const& agent);

} // namespace rawswarm
