// SPDX-License-Identifier: BSD-3-Clause
#include "agent/bittorrent/late_plugins.hpp"

#include <libtorrent/bt_peer_connection.hpp>
#include <libtorrent/peer_connection.hpp>

#include <utility>

namespace rawswarm
{

void held_messages::take_back(lt::piece_index_t const piece, int const pieces_of_torrent)
{
	if (piece < lt::piece_index_t(0) || piece >= lt::piece_index_t(pieces_of_torrent))
	{
		return;
	}
	if (had == first::have_all)
	{
		had = first::bitfield;
		pieces.resize(pieces_of_torrent);
		pieces.set_all();
	}
	for (auto* const said : {&pieces, &news})
	{
		if (piece < said->end_index())
		{
			said->clear_bit(piece);
		}
	}
}

void deliver(lt::peer_connection_handle const& peer, held_messages const& held)
{
	auto const p = peer.native_handle();
	// libtorrent may hang up upon any of them
	auto const say = [&p](auto const f) {
		if (!p->is_disconnecting())
		{
			f(*p);
		}
	};
	if (!p)
	{
		return;
	}
	switch (held.had)
	{
	case held_messages::first::none_came: break;
	case held_messages::first::have_all: say([](auto& c) { c.incoming_have_all(); }); break;
	case held_messages::first::have_none: say([](auto& c) { c.incoming_have_none(); }); break;
	case held_messages::first::bitfield: say([&](auto& c) { c.incoming_bitfield(held.pieces); }); break;
	}
	for (auto const piece : held.news.range())
	{
		if (held.news[piece])
		{
			say([piece](auto& c) { c.incoming_have(piece); });
		}
	}
	if (held.has_unchoked)
	{
		say([](auto& c) { c.incoming_unchoke(); });
	}
	if (held.is_interested)
	{
		say([](auto& c) { c.incoming_interested(); });
	}
}

void add_plugin(lt::peer_connection_handle const& peer, std::shared_ptr<lt::peer_plugin> plugin)
{
	if (auto const p = peer.native_handle())
	{
		p->add_extension(std::move(plugin));
	}
}

void greet_again(lt::peer_connection_handle const& peer)
{
	auto const p = std::dynamic_pointer_cast<lt::bt_peer_connection>(peer.native_handle());
	if (p && !p->is_disconnecting())
	{
		p->write_extensions();
	}
}

} // namespace rawswarm
