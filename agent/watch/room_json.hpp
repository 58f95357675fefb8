// SPDX-License-Identifier: BSD-3-Clause
// The room, and one machine of it, as JSON: what the page shows, and what other programs may read.
// docs/spec.md describes the keys ("The room's page").
//
// Pure. ASCII; texts that came from the network are cleaned and cut, and are still nothing but text: whoever
// shows them as markup has to escape them.
#pragma once

#include "agent/watch/room_history.hpp"
#include "agent/watch/watch_counts.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rawswarm
{

// One moment by both clocks: what was seen is kept by the steady one, and shown by the other.
struct moment
{
	fleet_clock::time_point steady;
	std::chrono::system_clock::time_point wall;

	std::chrono::system_clock::time_point wall_of(fleet_clock::time_point then) const;
};

// What belongs to the watcher and not to a machine.
struct room_facts
{
	int expect = 0; // machines that it waits for; 0: none
	fleet_totals totals;
	watch_counts counts;
	// Counts the changes of the room's orders (/api/orders), which the page fetches again; none: there are no
	// orders, as the watcher alone only shows.
	std::optional<std::uint64_t> orders = {};
};

// since: leaves out the machines that have not changed after this tick; 0: has all of them, and says so.
std::string room_json(
	room_history const& room, room_facts const& facts, moment const& at, std::uint64_t since = 0);

std::string machine_json(machine_history const& machine, moment const& at);

// The state of a machine as displays name it: "silent", or that of its job.
char const* shown_state(fleet_agent const& agent) noexcept;

inline constexpr std::array<char const*, 12> shown_states{"starting", "planning", "partitioning", "checking",
	"downloading", "flushing", "verifying", "seeding", "finishing", "done", "failed", "silent"};

int count_in_state(room_history const& room, std::string_view state);

} // namespace rawswarm
