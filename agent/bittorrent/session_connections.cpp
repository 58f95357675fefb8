// SPDX-License-Identifier: BSD-3-Clause
#include "agent/bittorrent/session_connections.hpp"

#include <libtorrent/aux_/session_impl.hpp>
#include <libtorrent/peer_connection.hpp>
#include <libtorrent/torrent.hpp>

#include <algorithm>
#include <memory>
#include <set>

namespace rawswarm
{

namespace
{

// This names a private member: an explicit instantiation may (C++20 [temp.spec.general]/6), and does not
// compile if the member ever changes.
using connection_set = std::set<std::shared_ptr<lt::peer_connection>>;
using connections_member = connection_set lt::aux::session_impl::*;
connections_member connections_of_session_impl();

template <connections_member Member>
struct expose_connections
{
	friend connections_member connections_of_session_impl() { return Member; }
};

template struct expose_connections<&lt::aux::session_impl::m_connections>;

} // namespace

std::vector<session_connection> connections_of(lt::session_handle const& session)
{
	std::vector<session_connection> all;
	auto const impl = session.native_handle();
	if (!impl)
	{
		return all;
	}
	auto const& open = (*impl).*connections_of_session_impl();
	all.reserve(open.size());
	std::vector<std::shared_ptr<lt::peer_connection>> oldest_first(open.begin(), open.end());
	std::ranges::stable_sort(oldest_first, {}, [](auto const& c) { return c->connected_time(); });
	for (auto const& c : oldest_first)
	{
		if (c->is_disconnecting())
		{
			continue;
		}
		auto const torrent = c->associated_torrent().lock();
		auto const& stat = c->statistics();
		session_connection s{lt::peer_connection_handle(c)};
		s.id = reinterpret_cast<std::uintptr_t>(c.get());
		s.remote = c->remote();
		s.has_met = torrent != nullptr && !c->is_connecting() && !c->in_handshake();
		s.is_whole = torrent != nullptr && torrent->is_upload_only();
		s.pieces = torrent != nullptr ? torrent->torrent_file().num_pieces() : 0;
		s.blocks_in = stat.total_payload_download();
		s.blocks_out = stat.total_payload_upload();
		s.other_in = stat.total_protocol_download();
		s.unsent = c->send_buffer_size();
		all.push_back(std::move(s));
	}
	return all;
}

int connections_limit_of(lt::session_handle const& session)
{
	auto const impl = session.native_handle();
	return impl ? impl->settings().get_int(lt::settings_pack::connections_limit) : 0;
}

void hang_up(session_connection const& c)
{
	lt::peer_connection_handle(c.connection)
		.disconnect(lt::errors::too_many_connections, lt::operation_t::bittorrent);
}

lt::peer_class_t add_slow_class(lt::session_handle const& session, int const per_second)
{
	auto& pool = session.native_handle()->peer_classes();
	auto const added = pool.new_peer_class("slow");
	pool.at(added)->set_download_limit(per_second);
	return added;
}

void put_in_class(lt::session_handle const& session, session_connection const& c,
	lt::peer_class_t const which, bool const is_in)
{
	auto const peer = c.connection.native_handle();
	auto const impl = session.native_handle();
	// What one that closes has still read would count for the class.
	if (!peer || !impl || peer->is_disconnecting() || peer->has_class(which) == is_in)
	{
		return;
	}
	is_in ? peer->add_class(impl->peer_classes(), which) : peer->remove_class(impl->peer_classes(), which);
}

} // namespace rawswarm
