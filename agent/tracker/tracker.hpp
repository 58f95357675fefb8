// SPDX-License-Identifier: BSD-3-Clause
// The tracker of a room: tells the clients of a torrent of one another (BEP 3), in the compact form (BEP 23),
// of both address families (BEP 7), and how many there are (BEP 48). docs/protocol.md says what is answered.
//
// Pure: the caller brings the time, the address that an announce comes from and the one that it was sent to.
// Used by one thread. Answers are bencoded texts, at most 20 KB each (200 clients that are told with their
// names and addresses of IPv6); what is wrong is answered with one, too (HTTP status 200), as clients show
// it. Bounded: `tracker_options` says how much is kept.
#pragma once

#include "agent/tracker/announce_request.hpp"
#include "agent/tracker/tracked_torrent.hpp"
#include "agent/tracker/tracker_options.hpp"

#include <boost/asio/ip/address.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace rawswarm
{

class tracker
{
public:
	using clock = std::chrono::steady_clock;
	using address = boost::asio::ip::address;

	explicit tracker(tracker_options options = {});

	// The torrents that are tracked from now on, by info-hash: 40 hex digits; other texts are passed over.
	// What is known of the clients of those that stay is kept.
	void set_known(std::vector<std::string> const& info_hashes);

	// The port at which this machine itself serves all known torrents: clients are told of it as a peer, at
	// the address of ours that they asked. 0: it does not.
	void set_own_port(std::uint16_t const port) { m_own_port = port; }

	// Somebody lacks something of the torrent (40 hex digits). Returns whether this machine serves it
	// already: if not, the client is asked to come again soon. Called from inside of announce(); may call
	// set_known().
	std::function<bool(std::string const& info_hash)> on_wanted;

	// query: without the question mark. from: of the connection, as what a client says of its own address is
	// not believed. to: the address of ours that it asked.
	std::string announce(
		std::string_view query, address const& from, address const& to, clock::time_point now);

	std::string scrape(std::string_view query, clock::time_point now);

	// For displays, all torrents together.
	tracker_counts counts(clock::time_point now);

private:
	void note(announce_request const& request, address const& from, tracked_torrent& torrent,
		clock::time_point now);
	std::string told(announce_request const& request, address const& from, address const& to,
		tracked_torrent& torrent, std::chrono::seconds interval);

	tracker_options m_options;
	std::uint16_t m_own_port = 0;
	std::map<std::string, tracked_torrent> m_torrents; // by info-hash, 20 bytes
	std::int64_t m_announces = 0;
	std::int64_t m_refused = 0;
};

} // namespace rawswarm
