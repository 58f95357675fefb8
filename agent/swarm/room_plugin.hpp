// SPDX-License-Identifier: BSD-3-Clause
// The extension rs_room (BEP 10): all that members of a room tell each other beyond BitTorrent. A member is a
// peer whose extension handshake knows the message; the names, keys and ids are in
// agent/bittorrent/extension_handshake.hpp.
//
// A seeder (room_options::is_source)
// - puts rs_source into its handshake. It still sends HAVE_ALL or a BITFIELD, as every seed does, but members
//   do not believe the first such message of a source: to them it has only the pieces that it reveals by HAVE
//   messages, one at a time, as super_seed decides. All other peers see an ordinary seed.
//
// Every member
// - sends each newcomer, on receiving its handshake, the listening addresses of all other members that it is
//   connected to (peer_addresses.hpp has the format), and dials the addresses that it is sent at once. Peer
//   exchange (BEP 11) first speaks after five seconds, and then once a minute.
// - keeps one connection of two if it and another member have dialled each other: that of the member whose
//   listening address is lower.
// - keeps one connection to another member that has several addresses: that of the lowest ones.
// - requests a piece as soon as it hears of it.
// - dials a peer that it knows and is not connected to every second, whether it was there before or not.
//
// The plugin lives in libtorrent's network thread and is called there. libtorrent owns it, as long as its
// torrent; the plugins of connections share it.
#pragma once

#include "agent/bittorrent/plugin_factory.hpp"
#include "agent/swarm/room_options.hpp"

namespace rawswarm
{

// For add_torrent_params::extensions.
plugin_factory room_plugin(room_options const& options);

} // namespace rawswarm
