// SPDX-License-Identifier: BSD-3-Clause
// What `watch` shows the room by: lines, JSON lines, a table, and what else may be plugged in. All displays
// of a watch read the same knowledge, and each is told what happens.
#pragma once

#include "agent/watch/beacon_intake.hpp"
#include "agent/watch/fleet.hpp"
#include "agent/watch/watch_clock.hpp"
#include "base/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace rawswarm
{

// Lives as long as the displays.
struct watched_room
{
	fleet const& hosts;
	watch_counts const& ignored;
	watch_clock const& clock;
	int expected = 0; // agents; 0: no number
};

// A datagram that was read as a beacon and that the fleet took. The views end with the call.
struct beacon_arrival
{
	std::string_view from; // ADDRESS:PORT
	std::string_view datagram;
	fleet_answer const& answer; // accepted
};

// Called by one thread, that of the watch's io_context; nothing blocks for long. An error ends the watch.
class watch_display
{
public:
	watch_display() = default;
	virtual ~watch_display() = default;
	watch_display(watch_display const&) = delete;
	watch_display& operator=(watch_display const&) = delete;

	virtual result<void> show_beacon(beacon_arrival const&) { return success(); }
	virtual result<void> show_silent(fleet_agent const&) { return success(); }

	// Four times a second.
	virtual result<void> tick() { return success(); }

	// Once, after the last of all.
	virtual result<void> finish() { return success(); }
};

// What is printed at the end: who failed and who fell silent, and the numbers.
std::vector<std::string> closing_lines(watched_room const& room);

} // namespace rawswarm
