// SPDX-License-Identifier: BSD-3-Clause
// What the watcher shows besides its lines: the page (agent/watch/room_page.hpp) and the file of metrics
// (agent/watch/metrics_file.hpp), and the history that both show.
//
// Thread: that of the io_context. The fleet must live as long as this.
#pragma once

#include "agent/net/endpoint.hpp"
#include "agent/watch/fleet.hpp"
#include "agent/watch/room_json.hpp"
#include "base/result.hpp"

#include <boost/asio/io_context.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace rawswarm
{

struct publisher_options
{
	std::optional<endpoint> http; // where the page is; none: there is no page
	std::vector<std::string> names; // further names of this machine, by which the page may be asked for
	std::string metrics; // the file; empty: none
};

class room_publisher
{
public:
	// expect: machines that are waited for; 0: none.
	room_publisher(boost::asio::io_context& ios, publisher_options options, int expect);
	~room_publisher();
	room_publisher(room_publisher const&) = delete;
	room_publisher& operator=(room_publisher const&) = delete;

	// fault::network for the page; fault::usage and fault::target for the file.
	result<void> open();

	// A beacon of this agent was accepted.
	void heard(fleet_agent const& agent, fleet_clock::time_point now);

	// Called more often than once a second; does something once a second.
	void tick(watch_counts const& counts, fleet const& machines, fleet_clock::time_point now);

	// Before the end: the file holds what is known last.
	void finish(watch_counts const& counts, fleet const& machines, fleet_clock::time_point now);

private:
	struct impl;
	std::unique_ptr<impl> m_impl; // null: nothing is published
};

} // namespace rawswarm
