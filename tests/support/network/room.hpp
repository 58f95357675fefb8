// SPDX-License-Identifier: BSD-3-Clause
// Hosts on one switch: each is a network namespace with one cable to a bridge in the caller's own namespace,
// and a token bucket at both ends of the cable, so that each host has the same rate in either direction.
//
// Host 0 is the seeder. One thread. Errors are thrown. Everything is removed with this object.
#pragma once

#include "tests/support/base/child_process.hpp"
#include "tests/support/network/net_namespace.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

namespace rawswarm::test
{

// Bytes on a host's cable since the room was made, with headers, as the host sees it.
struct link_bytes
{
	std::int64_t down = 0;
	std::int64_t up = 0;
};

class room
{
public:
	room(std::size_t hosts, int mbit); // mbit: rate of every cable; 0: no limit
	~room();
	room(room const&) = delete;
	room& operator=(room const&) = delete;

	std::size_t size() const { return m_hosts.size(); }
	int mbit() const { return m_mbit; }

	// The name of every host's network card.
	static constexpr char const* card = "eth0";
	static std::string address(std::size_t host);

	// Changes the rate of one host's cable.
	void set_rate(std::size_t host, int mbit);

	net_namespace const& host(std::size_t const number) const { return m_hosts.at(number); }
	std::unique_ptr<child_process> start(std::size_t host, child_options const& options) const;

	std::vector<link_bytes> counters() const;

private:
	void connect(std::size_t host);
	void introduce() const;

	int m_mbit;
	std::string m_bridge;
	std::vector<std::string> m_ports; // the cables' ends at the bridge
	std::deque<net_namespace> m_hosts;
};

} // namespace rawswarm::test
