// SPDX-License-Identifier: BSD-3-Clause
// Whether the peers that a job names can be reached, and what the user is told about it: one warning when a
// peer could not be reached for ten seconds, with the last reason, and one line when it is back.
//
// A peer may have several addresses and several connections (one per target); it is there as long as one of
// them is open. Nobody dials a peer that is not needed, so a peer counts as unreachable only while attempts
// to reach it fail.
//
// Pure: the caller brings the time. Addresses that belong to no peer of the job are ignored.
#pragma once

#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace rawswarm
{

class job_peers
{
public:
	using clock = std::chrono::steady_clock;
	using address = boost::asio::ip::tcp::endpoint;

	// An address of a peer was found. name: as the job writes the peer, "server:6881".
	void found(std::string const& name, address const& a, clock::time_point now);

	// A connection to it was opened. Returns the line to be logged, if the peer was reported as unreachable.
	std::optional<std::string> opened(address const& a);

	void closed(address const& a);
	void failed(address const& a, std::string const& reason, clock::time_point now);

	// The warnings that are due now.
	std::vector<std::string> unreachable(clock::time_point now);

	// Whether the peer is connected by another of its addresses.
	bool is_open_elsewhere(std::string const& name, address const& a) const;

	// "server:6881: Connection refused", of each peer that cannot be reached now, separated by semicolons.
	std::string reasons(clock::time_point now) const;

private:
	struct peer
	{
		std::string name;
		int open = 0; // connections, by all addresses
		std::optional<clock::time_point> missing_since; // none while it is connected
		std::optional<clock::time_point> last_failure; // since then
		std::string reason; // of the last failure
		bool is_reported = false;
	};
	struct known_address
	{
		std::size_t peer = 0;
		int open = 0; // connections
	};

	static bool is_failing(peer const& p, clock::time_point now);

	std::vector<peer> m_peers;
	std::map<address, known_address> m_addresses;
};

} // namespace rawswarm
