// SPDX-License-Identifier: BSD-3-Clause
// What the plugin of a room (room_plugin.hpp) is told, and whom it tells of what happens.
#pragma once

#include <libtorrent/error_code.hpp>
#include <libtorrent/socket.hpp>

#include <functional>

namespace rawswarm
{

// What became of a connection to the address that a peer listens at.
enum class peer_contact
{
	opened, // the handshake came in
	closed, // it was open before
	failed, // it ended before the handshake came in
};

struct room_options
{
	bool is_source = false;

	// Whether members are told of each other. Not of a private torrent (BEP 27).
	bool introduces = true;

	// Called by a source, in libtorrent's thread, each time that every piece comes to be with some other
	// peer. That ends when the last peer that has a piece leaves.
	std::function<void()> on_fully_distributed = {};

	// Called in libtorrent's thread each time that the number of connected peers changes that need something:
	// that do not have the whole image and are not sources. A moment late, as far as pieces are concerned.
	std::function<void(int peers)> on_needy_peers = {};

	// Called in libtorrent's thread. why: of a contact that failed.
	std::function<void(lt::tcp::endpoint const& peer, peer_contact what, lt::error_code const& why)>
		on_contact = {};
};

} // namespace rawswarm
