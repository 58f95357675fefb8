// SPDX-License-Identifier: BSD-3-Clause
// Agents on the hosts of a room: their jobs, their beacons, and the targets that they leave.
//
// Host 0 is the seeder. One thread. Errors are thrown. An agent that ends by itself during a wait is an
// error, unless it was stopped.
#pragma once

#include "tests/support/base/child_process.hpp"
#include "tests/support/network/beacon_inbox.hpp"
#include "tests/support/network/room.hpp"
#include "tests/support/program/room_image.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rawswarm::test
{

class room_agents
{
public:
	static constexpr std::uint16_t port = 6881; // of every agent

	room_agents(room const& hosts, image_files const& image, std::string folder);

	// "ADDRESS:PORT"
	static std::string peer(std::size_t host);

	// Jobs for tests to change. Both seed until they are stopped, send beacons often, and have no local
	// discovery. The client knows the seeder's address.
	nlohmann::json seeder_job() const;
	nlohmann::json client_job(std::size_t host) const;

	// The path of the host's target. An existing file is left as it is.
	std::string target(std::size_t host) const;

	// Kills an earlier agent of this host first.
	void start(std::size_t host, nlohmann::json const& job);

	// Returns once it seeds.
	void start_seeder();
	void start_seeder(nlohmann::json const& job);

	child_process& process(std::size_t host) { return *m_agents.at(host); }
	beacon_inbox const& beacons() const { return m_beacons; }
	std::string log(std::size_t host) const { return m_agents.at(host)->err(); }

	// Bytes that passed their hash, and peers, according to the last beacon. 0 before the first one.
	std::int64_t done(std::size_t host) const;
	int peers(std::size_t host) const;

	// Reads beacons until is_so() is true. False after the timeout.
	bool wait_until(std::function<bool()> const& is_so, std::chrono::milliseconds timeout);

	// Waits until the hosts have the whole image, synced.
	::testing::AssertionResult are_done(
		std::vector<std::size_t> const& hosts, std::chrono::milliseconds timeout);

	// Their targets equal the image, byte for byte. Call it once they are done.
	::testing::AssertionResult are_right(std::vector<std::size_t> const& hosts) const;

	// Ends its agent by SIGTERM. Returns the report.
	nlohmann::json stop(std::size_t host);

	// Agents that may end by themselves from now on.
	void let_end(std::vector<std::size_t> const& hosts);

	// Waits until its agent ends by itself, with exit code 0. Returns the report, or nothing after the
	// timeout.
	std::optional<nlohmann::json> wait_for_end(std::size_t host, std::chrono::milliseconds timeout);

	// The progress and output of all agents, for messages.
	std::string describe() const;

private:
	nlohmann::json job(std::string const& device) const;
	void look_for_failures();

	room const& m_hosts;
	image_files const& m_image;
	std::string m_folder;
	beacon_inbox m_beacons;
	std::vector<std::unique_ptr<child_process>> m_agents; // null: never started
	std::vector<bool> m_may_end; // per host
};

// The numbers from first to last, both included.
std::vector<std::size_t> hosts_between(std::size_t first, std::size_t last);

} // namespace rawswarm::test
