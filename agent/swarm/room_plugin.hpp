// SPDX-License-Identifier: BSD-3-Clause
// What the members of a room tell each other beyond BitTorrent: an extension (BEP 10) by the name of rs_room.
//
// - A seeder says in its handshake that it is the source. To a member it then has nothing but what it shows
//   that member by HAVE messages, which is decided by super_seed. Everyone else sees an ordinary seed.
// - Whoever meets a newcomer tells it at once who else is there (peer_addresses.hpp), and the newcomer dials
//   them. Peer exchange (BEP 11) first speaks after five seconds, and then once a minute.
// - Whoever is told of a piece asks for it at once.
//
// The plugin lives in libtorrent's network thread, as long as its torrent.
#pragma once

#include "agent/bittorrent/plugin_factory.hpp"

#include <functional>

namespace rawswarm
{

struct room_options
{
	bool is_source = false;

	// Of a source: every piece is in some other peer's hands. Called when that becomes true, in libtorrent's
	// thread.
	std::function<void()> on_all_out = {};
};

// For add_torrent_params::extensions.
plugin_factory room_plugin(room_options const& options);

} // namespace rawswarm
