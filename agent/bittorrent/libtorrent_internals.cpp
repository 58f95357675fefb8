// SPDX-License-Identifier: BSD-3-Clause
#include "agent/bittorrent/libtorrent_internals.hpp"

#include <boost/asio/detail/socket_option.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/socket_base.hpp>
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

#include <netinet/in.h>
#include <netinet/tcp.h>

namespace rawswarm
{

namespace
{

// libtorrent sets the endgame flag of a peer that had fewer blocks than it could be asked for, which at the
// start is every peer, and from then on requests one block at a time of it. In a torrent of at most so many
// peers we clear the flag: one block from each of a few does not fill a link. A room of three takes 1.07
// times the ideal with it, and took 1.12 without. One block from each of many does, and more would make
// queues at the peers that have what is new: a room of seven took 1.13 times the ideal with it, and 1.09
// without.
constexpr int few_peers = 4;

// A number among the options of a TCP socket, for asio (tcp(7)).
template <int Name>
using tcp_number = boost::asio::detail::socket_option::integer<IPPROTO_TCP, Name>;

// What the kernel knows of a connection (TCP_INFO in tcp(7)), in the form that asio reads options in.
struct tcp_state
{
	tcp_info values{};

	template <class Protocol>
	int level(Protocol const&) const
	{
		return IPPROTO_TCP;
	}
	template <class Protocol>
	int name(Protocol const&) const
	{
		return TCP_INFO;
	}
	template <class Protocol>
	void* data(Protocol const&)
	{
		return &values;
	}
	template <class Protocol>
	std::size_t size(Protocol const&) const
	{
		return sizeof values;
	}
	template <class Protocol>
	void resize(Protocol const&, std::size_t)
	{}
};

// How libtorrent keeps in mind that an address is more than hearsay: as it does with those of trackers.
constexpr auto believed_source = lt::peer_info::tracker;

// libtorrent subtracts two points for each failed piece, and bans at -7.
constexpr int min_trust = -4;

} // namespace

void dial_now(lt::torrent_handle const& torrent, std::vector<boost::asio::ip::tcp::endpoint> const& peers,
	address_source const from)
{
	auto const t = torrent.native_handle();
	if (!t)
	{
		return;
	}
	auto const source = from == address_source::job ? believed_source : lt::peer_info::pex;
	boost::asio::post(t->session().get_context(), [t, peers, source] {
		if (t->is_aborted())
		{
			return;
		}
		for (auto const& p : peers)
		{
			t->add_peer(p, source);
		}
		t->do_connect_boost();
	});
}

void limit_receive_buffer(lt::peer_connection_handle const& peer, int const bytes)
{
	if (auto const p = peer.native_handle())
	{
		lt::error_code ignored; // a socket that is not open yet, or no more
		p->get_socket().set_option(lt::aux::socket_type::receive_buffer_size(bytes), ignored);
	}
}

bool probe_silence(lt::peer_connection_handle const& peer)
{
	auto const p = peer.native_handle();
	if (!p)
	{
		return false;
	}
	auto& socket = p->get_socket();
	auto const is_set = [&socket](auto const& option) {
		lt::error_code ec;
		socket.set_option(option, ec);
		return !ec;
	};
	return is_set(boost::asio::socket_base::keep_alive(true)) && is_set(tcp_number<TCP_KEEPIDLE>(2))
		&& is_set(tcp_number<TCP_KEEPINTVL>(1)) && is_set(tcp_number<TCP_KEEPCNT>(8));
}

void hang_up_if_lost(lt::peer_connection_handle const& peer, std::chrono::milliseconds const limit)
{
	auto const p = peer.native_handle();
	if (!p)
	{
		return;
	}
	tcp_state state;
	lt::error_code ec;
	p->get_socket().get_option(state, ec);
	bool const repeats = state.values.tcpi_unacked > 0 && state.values.tcpi_backoff > 1;
	if (!ec && repeats && state.values.tcpi_last_ack_recv > limit.count())
	{
		p->disconnect(lt::errors::timed_out, lt::operation_t::sock_write);
	}
}

void add_piece(lt::torrent_handle const& torrent, lt::piece_index_t const piece, std::vector<char> bytes)
{
	auto const t = torrent.native_handle();
	if (!t)
	{
		return;
	}
	boost::asio::post(t->session().get_context(), [t, piece, bytes = std::move(bytes)] {
		bool const is_whole = static_cast<int>(bytes.size()) == t->torrent_file().piece_size(piece);
		if (is_whole && !t->is_aborted())
		{
			t->add_piece(piece, bytes.data(), {});
		}
	});
}

void have_pieces(lt::torrent_handle const& torrent, lt::typed_bitfield<lt::piece_index_t> pieces)
{
	auto const t = torrent.native_handle();
	if (!t)
	{
		return;
	}
	boost::asio::post(t->session().get_context(), [t, pieces = std::move(pieces)] {
		if (t->is_aborted() || !t->are_files_checked())
		{
			return;
		}
		for (auto const piece : pieces.range())
		{
			if (!pieces[piece] || t->have_piece(piece))
			{
				continue;
			}
			t->need_picker();
			for (int block = 0; block < t->picker().blocks_in_piece(piece); ++block)
			{
				t->picker().mark_as_finished({piece, block}, nullptr);
			}
			t->piece_passed(piece); // the last one of all does away with the picker
		}
	});
}

void send_frames(
	lt::peer_connection_handle const& peer, lt::disk_job_flags_t const flags, std::uint8_t const message)
{
	if (auto const p = peer.native_handle())
	{
		p->set_frame_reads(flags, message);
	}
}

int unsent_bytes(lt::peer_connection_handle const& peer)
{
	auto const p = peer.native_handle();
	return p ? p->send_buffer_size() : 0;
}

void take_frame(lt::peer_connection_handle const& peer, lt::peer_request const& block, char const* const data,
	lt::disk_job_flags_t const flags)
{
	auto const p = peer.native_handle();
	if (!p || p->is_disconnecting())
	{
		return;
	}
	// as bt_peer_connection::on_piece() does for a block that arrived in one part
	p->received_bytes(block.length, 0);
	p->start_receive_piece(block);
	if (!p->is_disconnecting())
	{
		p->incoming_piece_fragment(block.length);
		p->incoming_frame(block, data, flags);
	}
}

boost::asio::ip::tcp::endpoint listed_address(lt::peer_connection_handle const& peer)
{
	auto const p = peer.native_handle();
	auto const* const info = p ? p->peer_info_struct() : nullptr;
	return info != nullptr ? info->ip() : peer.remote();
}

void ban(lt::peer_connection_handle const& peer)
{
	auto const p = peer.native_handle();
	auto const t = p ? p->associated_torrent().lock() : nullptr;
	if (t && p->peer_info_struct() != nullptr)
	{
		t->ban_peer(p->peer_info_struct());
	}
	if (p)
	{
		p->disconnect(lt::errors::invalid_message, lt::operation_t::bittorrent,
			lt::peer_connection_interface::peer_error);
	}
}

void forget_failures(lt::peer_connection_handle const& peer)
{
	auto const p = peer.native_handle();
	auto* const info = p ? p->peer_info_struct() : nullptr;
	if (info != nullptr && info->peer_source() != lt::peer_info::pex)
	{
		info->failcount = 0;
	}
}

void confirm_address(lt::peer_connection_handle const& peer)
{
	auto const p = peer.native_handle();
	if (auto* const info = p ? p->peer_info_struct() : nullptr)
	{
		constexpr unsigned all_sources = 0x3f; // the width of the field
		info->source = (info->source | static_cast<std::uint8_t>(believed_source)) & all_sources;
	}
}

void forget_address(lt::peer_connection_handle const& peer)
{
	auto const p = peer.native_handle();
	if (p && p->peer_info_struct() != nullptr)
	{
		p->peer_info_struct()->connectable = false; // libtorrent erases it with the connection
	}
}

bool has_told_of(lt::peer_connection_handle const& peer, lt::piece_index_t const piece)
{
	auto const p = peer.native_handle();
	if (!p)
	{
		return false;
	}
	auto const& pieces = p->get_bitfield();
	return piece >= lt::piece_index_t(0) && piece < pieces.end_index() && pieces[piece];
}

void ask_soon(lt::peer_connection_handle const& peer)
{
	auto const p = peer.native_handle();
	auto const torrent = p ? p->associated_torrent().lock() : nullptr;
	if (!torrent || !p->is_interesting())
	{
		return; // the message makes it interesting, upon which libtorrent sends requests by itself
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

std::uint16_t listen_port(lt::torrent_handle const& torrent, boost::asio::ip::address const& at)
{
	auto const t = torrent.native_handle();
	std::uint16_t port = 0;
	if (t)
	{
		// libtorrent's own function finds no socket of IPv6
		t->session().for_each_listen_socket([&](lt::aux::listen_socket_handle const& s) {
			auto const own = s.get_local_endpoint();
			port = own.address() == at ? own.port() : port;
		});
	}
	return port;
}

std::optional<boost::asio::ip::tcp::endpoint> spare_suspects(
	lt::torrent_handle const& torrent, lt::piece_index_t const piece)
{
	auto const t = torrent.native_handle();
	if (!t || !t->has_picker())
	{
		return std::nullopt;
	}
	auto const senders = t->picker().get_downloaders(piece); // one per block; null: not known
	for (auto* const peer : senders)
	{
		if (peer != nullptr && peer->trust_points < min_trust)
		{
			peer->trust_points = min_trust;
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
			return; // not stuck: a peer has requests, or may get some
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
