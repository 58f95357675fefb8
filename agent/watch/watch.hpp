// SPDX-License-Identifier: BSD-3-Clause
// `rawswarm watch`: collects beacons, or reads recorded ones, and shows the room. fleet.hpp does the
// bookkeeping, display.hpp is what the displays have in common.
//
// Blocks its thread; nothing is shared. Text from the network is printed without control characters.
#pragma once

#include "agent/net/endpoint.hpp"
#include "agent/watch/room_publisher.hpp"
#include "base/result.hpp"

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <string>
#include <vector>

namespace rawswarm
{

struct watch_options
{
	// Port 0: one that is free. [::] takes IPv4 as well, and a machine without IPv6 listens on 0.0.0.0.
	endpoint listen{{boost::asio::ip::address_v6::any(), {}}, 7700};
	// Multicast groups to join. Failing to is a warning.
	std::vector<scoped_address> groups{{boost::asio::ip::make_address_v4("239.255.77.1"), {}},
		{boost::asio::ip::make_address_v6("ff05::7700"), {}}};
	bool every_group = false; // warn of each that cannot be joined; else only if none can
	std::string key_file; // set: unsigned or wrongly signed beacons are not shown
	int expect = 0; // exit when this many agents are done; 0: run until stopped
	std::chrono::seconds timeout{0}; // stop waiting for `expect` agents after this time; 0: never
	std::chrono::seconds silence{10}; // an agent that is not done and silent for this long is reported
	publisher_options publish; // the room as a page, and as a file of metrics
	bool json = false; // each beacon as one JSON line, with "version": 1 and "from"
	bool plain = false; // lines where a terminal would get a table
	std::string record; // set: beacons are kept in this file (recording.hpp)
	std::string replay; // set: beacons come from this file instead of the network
	double speed = 1; // of a replay; times in `timeout` and `silence` are the recording's
	std::FILE* out = nullptr; // where the lines go; null: standard output
	std::function<void(std::uint16_t port)> on_listening; // called once, when beacons can come in
};

// Runs until stopped by SIGINT or SIGTERM or by q in the table, until the recording is over, until `expect`
// agents are done, or until that many have ended (done, failed or silent) and none is at work any more.
// Returns the program's exit code: 0 if all expected agents are done; otherwise the code of the agent that
// failed first; otherwise 7, if some fell silent or the time is up; 130 or 143 for a signal. q and the end of
// a recording are the end of the time, and 0 without `expect`. Prints at the end which agents failed or fell
// silent: after the lines, or in the log if the lines are JSON. Errors: fault::refused for the key and for a
// recording, fault::network if it cannot listen, those of room_publisher::open(), fault::internal if it
// cannot print.
result<int> watch(watch_options const& options);

} // namespace rawswarm
