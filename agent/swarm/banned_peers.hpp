// SPDX-License-Identifier: BSD-3-Clause
// Keeps out who was banned, when it is the one that dials.
//
// libtorrent 2.0.11 keeps a ban with the address and port that the peer listens at. With several connections
// of one address allowed, a connection that comes in is taken for a peer not met before; and when its
// extension handshake tells the port (the key `p` of BEP 10), libtorrent has the new entry take the place of
// the banned one. So a banned peer is back with its next call, for a piece at a time. Here the handshake is
// read first, and a peer that names the port of a banned one is hung up on, which leaves libtorrent's own
// entry as it is.
//
// Machines behind one address (NAT) that listen at the same port are one peer here, and are kept out
// together.
//
// A peer that tells no port, or another each time, is a new one each time: convictions.hpp counts those.
//
// libtorrent's thread.
#pragma once

#include "agent/bittorrent/plugin_factory.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <cstddef>
#include <deque>
#include <memory>

namespace rawswarm
{

// Of one session: who was banned by one torrent is not heard by another. Few are kept in mind; the oldest go
// first.
class banned_peers
{
public:
	using endpoint = boost::asio::ip::tcp::endpoint;

	static constexpr std::size_t most = 1000;

	void add(endpoint const& peer);
	bool contains(endpoint const& peer) const;

private:
	std::deque<endpoint> m_peers; // the oldest first
};

plugin_factory banned_peers_plugin(std::shared_ptr<banned_peers const> banned);

} // namespace rawswarm
