// SPDX-License-Identifier: BSD-3-Clause
#include "agent/bittorrent/libtorrent_internals.hpp"

#include <boost/asio/post.hpp>
#include <libtorrent/aux_/session_interface.hpp>
#include <libtorrent/peer_connection.hpp>
#include <libtorrent/peer_connection_handle.hpp>
#include <libtorrent/peer_info.hpp>
#include <libtorrent/piece_picker.hpp>
#include <libtorrent/request_blocks.hpp>
#include <libtorrent/torrent.hpp>
#include <libtorrent/torrent_handle.hpp>
#include <libtorrent/torrent_peer.hpp>

#include <algorithm>
#include <iterator>
#include <memory>

namespace rawswarm
{

namespace
{

// A peer that had less than could be asked for is asked for a block at a time from then on, which at the
// start is every peer. One block from each of few does not fill a link: a room of three took 1.12 ideals and
// takes 1.07 since they are asked for more. From many it does, and more makes queues at whoever has what is
// new: a room of seven took 1.09 ideals, and 1.13 so.
constexpr int few_peers = 4;

// libtorrent takes two for each piece that failed, and bans at -7.
constexpr int lowest_trust = -4;

} // namespace

void dial_now(lt::torrent_handle const& torrent, std::vector<boost::asio::ip::tcp::endpoint> const& peers)
{
	auto const t = torrent.native_handle();
	if (!t)
	{
		return;
	}
	boost::asio::post(t->session().get_context(), [t, peers] {
		if (t->is_aborted())
		{
			return;
		}
		for (auto const& p : peers)
		{
			t->add_peer(p, lt::peer_info::pex);
		}
		t->do_connect_boost();
	});
}

void ask_soon(lt::peer_connection_handle const& peer)
{
	auto const p = peer.native_handle();
	auto const torrent = p ? p->associated_torrent().lock() : nullptr;
	if (!torrent || !p->is_interesting())
	{
		return; // it becomes interesting by what it tells of, and libtorrent asks
	}
	boost::asio::post(torrent->session().get_context(), [p] {
		auto const t = p->associated_torrent().lock();
		if (!t || p->is_disconnecting() || !p->is_interesting() || p->has_peer_choked())
		{
			return;
		}
		if (t->num_peers() <= few_peers)
		{
			p->set_endgame(false);
		}
		if (lt::request_a_block(*t, *p))
		{
			p->send_block_requests();
		}
	});
}

std::uint16_t listen_port(lt::torrent_handle const& torrent)
{
	auto const t = torrent.native_handle();
	return t ? t->session().listen_port() : std::uint16_t(0);
}

std::optional<boost::asio::ip::tcp::endpoint> spare_suspects(
	lt::torrent_handle const& torrent, lt::piece_index_t const piece)
{
	auto const t = torrent.native_handle();
	if (!t || !t->has_picker())
	{
		return std::nullopt;
	}
	auto const senders = t->picker().get_downloaders(piece); // of each block; null: not known
	for (auto* const peer : senders)
	{
		if (peer != nullptr && peer->trust_points < lowest_trust)
		{
			peer->trust_points = lowest_trust;
		}
	}
	auto const* const first = senders.empty() ? nullptr : senders.front();
	if (first == nullptr || std::ranges::count(senders, first) != std::ssize(senders))
	{
		return std::nullopt;
	}
	return first->ip();
}

void end_parole_if_stuck(lt::torrent_handle const& torrent)
{
	auto const t = torrent.native_handle();
	if (!t || !t->has_picker() || t->picker().get_download_queue().empty())
	{
		return;
	}
	lt::peer_connection* best = nullptr;
	for (auto* const c : *t)
	{
		if (c->is_disconnecting() || !c->is_interesting() || c->has_peer_choked())
		{
			continue;
		}
		if (!c->on_parole() || !c->download_queue().empty() || !c->request_queue().empty())
		{
			return; // somebody is asked, or may be
		}
		if (best == nullptr || c->peer_info_struct()->trust_points > best->peer_info_struct()->trust_points)
		{
			best = c;
		}
	}
	if (best != nullptr)
	{
		best->peer_info_struct()->on_parole = false;
		if (lt::request_a_block(*t, *best))
		{
			best->send_block_requests();
		}
	}
}

} // namespace rawswarm
