// SPDX-License-Identifier: BSD-3-Clause
#include "agent/swarm/banned_peers.hpp"

#include "agent/bittorrent/libtorrent_internals.hpp"

#include <libtorrent/bdecode.hpp>
#include <libtorrent/extensions.hpp>
#include <libtorrent/peer_connection_handle.hpp>
#include <libtorrent/torrent_handle.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>

namespace rawswarm
{

namespace
{

class peer final : public lt::peer_plugin
{
public:
	peer(std::shared_ptr<banned_peers const> banned, lt::peer_connection_handle connection)
		: m_banned(std::move(banned))
		, m_connection(std::move(connection))
	{}

	bool on_handshake(lt::span<char const>) override
	{
		if (m_connection.is_outgoing())
		{
			hang_up_if_banned(m_connection.remote());
		}
		return true;
	}

	bool on_extension_handshake(lt::bdecode_node const& h) override
	{
		auto const port = h.dict_find_int_value("p");
		if (port > 0 && port <= std::numeric_limits<std::uint16_t>::max())
		{
			hang_up_if_banned({m_connection.remote().address(), static_cast<std::uint16_t>(port)});
		}
		return true;
	}

private:
	void hang_up_if_banned(banned_peers::endpoint const& listens_at)
	{
		if (m_banned->contains(listens_at))
		{
			ban(m_connection);
		}
	}

	std::shared_ptr<banned_peers const> m_banned;
	lt::peer_connection_handle m_connection;
};

class plugin final : public lt::torrent_plugin
{
public:
	explicit plugin(std::shared_ptr<banned_peers const> banned)
		: m_banned(std::move(banned))
	{}

	std::shared_ptr<lt::peer_plugin> new_connection(lt::peer_connection_handle const& c) override
	{
		return std::make_shared<peer>(m_banned, c);
	}

private:
	std::shared_ptr<banned_peers const> m_banned;
};

} // namespace

void banned_peers::add(endpoint const& peer)
{
	if (contains(peer))
	{
		return;
	}
	m_peers.push_back(peer);
	if (m_peers.size() > most)
	{
		m_peers.pop_front();
	}
}

bool banned_peers::contains(endpoint const& peer) const
{
	return std::ranges::find(m_peers, peer) != m_peers.end();
}

plugin_factory banned_peers_plugin(std::shared_ptr<banned_peers const> banned)
{
	return [banned = std::move(banned)](
			   lt::torrent_handle const&, lt::client_data_t) { return std::make_shared<plugin>(banned); };
}

} // namespace rawswarm
