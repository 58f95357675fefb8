// SPDX-License-Identifier: BSD-3-Clause
// All connections of a session, those included that have not said which torrent they want. libtorrent's
// public interface has only those of torrents. Uses internal headers, as libtorrent_internals.hpp does.
//
// libtorrent's thread.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <libtorrent/peer_class.hpp>
#include <libtorrent/peer_connection_handle.hpp>
#include <libtorrent/session_handle.hpp>

#include <cstdint>
#include <utility>
#include <vector>

namespace rawswarm
{

struct session_connection
{
	explicit session_connection(lt::peer_connection_handle c)
		: connection(std::move(c))
	{}

	lt::peer_connection_handle connection;
	std::uint64_t id = 0; // may come again for another connection once this one has ended
	boost::asio::ip::tcp::endpoint remote;
	bool has_met = false; // the other end has named a torrent that we have
	bool is_whole = false; // we need no blocks of it
	int pieces = 0; // of it

	// Bytes so far. A block that comes or goes as a frame has its own length, and its frame counts as other.
	std::int64_t blocks_in = 0;
	std::int64_t blocks_out = 0;
	std::int64_t other_in = 0;

	int unsent = 0; // bytes that wait to be written to the socket
};

// The oldest first. Without those that are closing.
std::vector<session_connection> connections_of(lt::session_handle const& session);

// The setting, or less if the process may open fewer files.
int connections_limit_of(lt::session_handle const& session);

// Ends it; libtorrent keeps nobody out for this.
void hang_up(session_connection const& c);

// A class of peers that are read from with so many bytes per second, all of them together. Peers can be put
// in and taken out, which a filter of addresses does for new ones alone.
lt::peer_class_t add_slow_class(lt::session_handle const& session, int per_second);
void put_in_class(
	lt::session_handle const& session, session_connection const& c, lt::peer_class_t which, bool is_in);

} // namespace rawswarm
