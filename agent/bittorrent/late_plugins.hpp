// SPDX-License-Identifier: BSD-3-Clause
// A connection whose plugins come later than it does: until then, what the peer says of itself is held back,
// and is then said again, so that the plugins and libtorrent hear all of it. Uses internal headers, as
// libtorrent_internals.hpp does.
//
// libtorrent's thread. No function fails: if the peer is gone, it does nothing.
#pragma once

#include <libtorrent/bitfield.hpp>
#include <libtorrent/extensions.hpp>
#include <libtorrent/fwd.hpp>
#include <libtorrent/peer_connection_handle.hpp>
#include <libtorrent/units.hpp>

#include <memory>

namespace rawswarm
{

// What a peer has said so far: its last word of each kind.
struct held_messages
{
	// The first message of what it has (BEP 3 and 6).
	enum class first
	{
		none_came,
		have_all,
		have_none,
		bitfield,
	};

	first had = first::none_came;
	lt::typed_bitfield<lt::piece_index_t> pieces; // of the bitfield
	lt::typed_bitfield<lt::piece_index_t> news; // by HAVE, and not taken back
	bool has_unchoked = false;
	bool is_interested = false;

	// All that it says of one piece of the torrent is taken back (BEP 54), also what it said of all of them.
	void take_back(lt::piece_index_t piece, int pieces_of_torrent);
};

// Has the peer say all of it now.
void deliver(lt::peer_connection_handle const& peer, held_messages const& held);

// From here on the plugin hears of the peer, after all that it has. Not while a handshake is being read.
void add_plugin(lt::peer_connection_handle const& peer, std::shared_ptr<lt::peer_plugin> plugin);

// Sends the extension handshake once more, with what the plugins say by now.
void greet_again(lt::peer_connection_handle const& peer);

} // namespace rawswarm
