// SPDX-License-Identifier: BSD-3-Clause
// Which addresses are blocked for what their peers did. libtorrent keeps out the peer itself: its address and
// the port that it listens at (banned_peers.hpp). Behind one address there may be a room (NAT), so it is
// blocked only when it keeps happening there, with peers that are new each time.
//
// Pure: the caller brings the time. Few addresses are kept in mind; the oldest go first.
#pragma once

#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <cstddef>
#include <map>

namespace rawswarm
{

class convictions
{
public:
	using clock = std::chrono::steady_clock;
	using address = boost::asio::ip::address;

	// So many peers of an address are convicted within this time before it is blocked. One wrong piece may be
	// an accident on the wire.
	static constexpr std::size_t most_peers = 5;
	static constexpr std::chrono::minutes memory{10};

	static constexpr std::size_t most_addresses = 1000;

	// True if the address is to be blocked from now on.
	bool convict(boost::asio::ip::tcp::endpoint const& peer, clock::time_point now);

private:
	std::map<address, std::map<unsigned short, clock::time_point>> m_peers; // by port
};

} // namespace rawswarm
