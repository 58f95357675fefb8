// SPDX-License-Identifier: BSD-3-Clause
// The beacons of agents on the hosts of a room. Each host sends to its own loopback interface, where a socket
// of ours receives: the cables carry no beacons, and the sender of each is known.
//
// One thread; the caller waits by poll(). Errors are thrown.
#pragma once

#include "agent/progress/progress.hpp"
#include "base/unique_fd.hpp"
#include "tests/support/network/room.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace rawswarm::test
{

struct host_beacon
{
	std::chrono::steady_clock::time_point at{};
	job_state state = job_state::starting;
	std::int64_t done = 0; // bytes that passed their hash
	int peers = 0;
};

class beacon_inbox
{
public:
	explicit beacon_inbox(room const& hosts);

	static std::string address();

	// Waits until a beacon has come or the time is up, then takes all that are there.
	void poll(std::chrono::milliseconds timeout);

	std::vector<host_beacon> const& of(std::size_t const host) const { return m_beacons.at(host); }

	// The time of the first beacon that says seeding or done: every byte is on the device, synced. Empty: not
	// yet.
	std::optional<std::chrono::steady_clock::time_point> done_at(std::size_t host) const;

	bool has_failed(std::size_t host) const;

private:
	void receive(std::size_t host);

	std::vector<unique_fd> m_sockets;
	std::vector<std::vector<host_beacon>> m_beacons;
};

} // namespace rawswarm::test
