// SPDX-License-Identifier: BSD-3-Clause
// A private room: peers that have not proved that they have the room's key (room_proof.hpp) are told nothing
// but which pieces we have, and nothing that they say is listened to. docs/protocol.md describes the
// messages.
//
// The first extension handshake of a connection (BEP 10) has a random number and nothing else. Each end
// answers the other's with its proof, and sends its full handshake once the other's proof was good. Only then
// do the other plugins of the torrent get to know the connection; what the peer has said of its pieces
// meanwhile is said to them anew. A member sends neither a request nor a block before that, so whoever does
// is hung up on, as is a peer that proves nothing within five seconds or, a second later, wrongly. No address
// is kept out for that.
//
// libtorrent sends its BITFIELD or HAVE messages to every peer that names the torrent, which no plugin can
// prevent: an outsider learns which pieces a member has, and not what is in them.
//
// The plugin lives in libtorrent's network thread and is called there. libtorrent owns it, as long as its
// torrent; the plugins of connections share it.
#pragma once

#include "agent/bittorrent/plugin_factory.hpp"

#include <string>
#include <vector>

namespace rawswarm
{

// A plugin that has these behind it, which know members alone. To be the first of its torrent.
plugin_factory private_room_plugin(std::string key, std::vector<plugin_factory> of_members);

} // namespace rawswarm
