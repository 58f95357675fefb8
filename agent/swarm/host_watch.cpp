// SPDX-License-Identifier: BSD-3-Clause
#include "agent/swarm/host_watch.hpp"

#include "agent/bittorrent/libtorrent_internals.hpp"

#include <libtorrent/extensions.hpp>
#include <libtorrent/peer_connection_handle.hpp>
#include <libtorrent/torrent_handle.hpp>

#include <chrono>
#include <memory>
#include <utility>

namespace rawswarm
{

namespace
{

// The kernel repeats what is not confirmed after 0.2, 0.6, 1.4 and 3 seconds on a LAN.
constexpr std::chrono::milliseconds confirm_limit{5000};

class peer final : public lt::peer_plugin
{
public:
	explicit peer(lt::peer_connection_handle connection)
		: m_connection(std::move(connection))
	{}

	void tick() override // once per second
	{
		m_probes = m_probes || probe_silence(m_connection);
		hang_up_if_lost(m_connection, confirm_limit);
	}

private:
	lt::peer_connection_handle m_connection;
	bool m_probes = false; // a socket that is dialled is opened after this is made
};

class plugin final : public lt::torrent_plugin
{
public:
	std::shared_ptr<lt::peer_plugin> new_connection(lt::peer_connection_handle const& c) override
	{
		return std::make_shared<peer>(c);
	}
};

} // namespace

plugin_factory host_watch_plugin()
{
	return [](lt::torrent_handle const&, lt::client_data_t) { return std::make_shared<plugin>(); };
}

} // namespace rawswarm
