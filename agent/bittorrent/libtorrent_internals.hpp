// SPDX-License-Identifier: BSD-3-Clause
// What libtorrent can do and its interface does not offer. The one place that uses its internal headers,
// which may change with any version; ours is pinned and linked statically.
//
// Errors: none; a torrent or a peer that is gone is left alone.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <libtorrent/fwd.hpp>
#include <libtorrent/units.hpp>

#include <cstdint>
#include <optional>
#include <vector>

namespace rawswarm
{

// Dials at once. torrent_handle::connect_peer leaves it to a timer that fires once a second. `allow` holds.
// Any thread.
void dial_now(lt::torrent_handle const& torrent, std::vector<boost::asio::ip::tcp::endpoint> const& peers);

// Once the message that is being read is done with, asks the peer for what is wanted of it. libtorrent does
// not when a peer tells of a further piece: the peer has been interesting before, and only a piece that ends
// or a block that comes makes it ask again. Its thread.
void ask_soon(lt::peer_connection_handle const& peer);

// Of the session; 0 if it listens nowhere. libtorrent's thread.
std::uint16_t listen_port(lt::torrent_handle const& torrent);

// For torrent_plugin::on_piece_failed, after which libtorrent judges the peers that sent the piece: none of
// them loses so much trust that it is banned for having been among several. If one peer sent all of it, it is
// banned all the same, and returned.
std::optional<boost::asio::ip::tcp::endpoint> spare_suspects(
	lt::torrent_handle const& torrent, lt::piece_index_t piece);

// Peers on parole are asked for whole pieces only. When all of them are, and a piece has blocks of several,
// nobody is asked for the rest of it, for ever. Then the most trusted one is let off. Nothing otherwise.
// libtorrent's thread.
void end_parole_if_stuck(lt::torrent_handle const& torrent);

} // namespace rawswarm
