// What libtorrent can do and its interface does not offer. The one place that uses its internal headers,
// which may change with any version; ours is pinned and linked statically.
//
// Errors: none; a torrent or a peer that is gone is left alone.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <libtorrent/fwd.hpp>

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

} // namespace rawswarm
