// SPDX-License-Identifier: BSD-3-Clause
#include "tests/support/network/stock_client.hpp"

#include <libtorrent/add_torrent_params.hpp>
#include <libtorrent/alert_types.hpp>
#include <libtorrent/announce_entry.hpp>
#include <libtorrent/load_torrent.hpp>
#include <libtorrent/session_params.hpp>
#include <libtorrent/torrent_flags.hpp>
#include <libtorrent/torrent_status.hpp>

#include <algorithm>
#include <stdexcept>

namespace rawswarm::test
{

namespace
{

lt::session_params parameters(std::string const& listen)
{
	lt::settings_pack settings;
	settings.set_str(lt::settings_pack::listen_interfaces, listen);
	settings.set_int(lt::settings_pack::alert_mask,
		lt::alert_category::status | lt::alert_category::error | lt::alert_category::storage);
	settings.set_bool(lt::settings_pack::enable_dht, false);
	settings.set_bool(lt::settings_pack::enable_lsd, false);
	settings.set_bool(lt::settings_pack::enable_upnp, false);
	settings.set_bool(lt::settings_pack::enable_natpmp, false);
	settings.set_bool(lt::settings_pack::enable_outgoing_utp, false);
	settings.set_bool(lt::settings_pack::enable_incoming_utp, false);
	settings.set_bool(lt::settings_pack::allow_multiple_connections_per_ip, true);
	settings.set_int(lt::settings_pack::unchoke_slots_limit, -1);
	// Dial a peer that is not there yet again soon.
	settings.set_int(lt::settings_pack::min_reconnect_time, 1);
	// Do not wait for trackers when the session ends.
	settings.set_int(lt::settings_pack::stop_tracker_timeout, 0);
	return {settings};
}

lt::tcp::endpoint loopback(std::uint16_t port)
{
	return {lt::address_v4::loopback(), port};
}

} // namespace

stock_client::stock_client(std::string const& listen)
	: m_session(parameters(listen))
{
	auto const deadline = std::chrono::steady_clock::now() + std::chrono::seconds(5);
	while (m_port == 0 && std::chrono::steady_clock::now() < deadline)
	{
		m_session.wait_for_alert(std::chrono::milliseconds(100));
		std::vector<lt::alert*> alerts;
		m_session.pop_alerts(&alerts);
		for (auto const* alert : alerts)
		{
			auto const* const listening = lt::alert_cast<lt::listen_succeeded_alert>(alert);
			if (listening != nullptr && listening->socket_type == lt::socket_type_t::tcp)
			{
				m_port = static_cast<std::uint16_t>(listening->port);
			}
		}
	}
	if (m_port == 0)
	{
		throw std::runtime_error("the stock client cannot listen on " + listen);
	}
}

lt::torrent_handle stock_client::add(
	std::string const& bytes, std::filesystem::path const& folder, manner const how)
{
	auto torrent = lt::load_torrent_buffer(bytes);
	torrent.save_path = folder.string();
	torrent.flags &= ~(lt::torrent_flags::auto_managed | lt::torrent_flags::paused);
	torrent.trackers.clear();
	torrent.upload_limit = m_upload_limit;
	if (how == manner::seed)
	{
		torrent.flags |= lt::torrent_flags::seed_mode;
	}
	if (how == manner::seed_unverified)
	{
		// in seed mode it would check each piece before sending it
		torrent.flags |= lt::torrent_flags::no_verify_files;
		torrent.have_pieces.resize(torrent.ti->num_pieces(), true);
	}
	m_torrents.push_back(m_session.add_torrent(std::move(torrent)));
	return m_torrents.back();
}

void stock_client::seed(std::string const& torrent_bytes, std::filesystem::path const& folder)
{
	add(torrent_bytes, folder, manner::seed);
}

void stock_client::seed_unverified(std::string const& torrent_bytes, std::filesystem::path const& folder)
{
	add(torrent_bytes, folder, manner::seed_unverified);
}

void stock_client::download(
	std::string const& torrent_bytes, std::filesystem::path const& folder, std::uint16_t peer_port)
{
	add(torrent_bytes, folder, manner::download).connect_peer(loopback(peer_port));
}

void stock_client::seed(made_torrent const& torrent, std::filesystem::path const& folder)
{
	seed(torrent.bytes, folder);
}

void stock_client::download(
	made_torrent const& torrent, std::filesystem::path const& folder, std::uint16_t peer_port)
{
	download(torrent.bytes, folder, peer_port);
}

void stock_client::ask_tracker(std::string const& url)
{
	for (auto const& torrent : m_torrents)
	{
		torrent.add_tracker(lt::announce_entry(url));
	}
}

void stock_client::dial(std::string const& address, std::uint16_t const peer_port)
{
	for (auto const& torrent : m_torrents)
	{
		torrent.connect_peer({lt::make_address(address), peer_port});
	}
}

void stock_client::download(made_torrent const& torrent, std::filesystem::path const& folder)
{
	add(torrent.bytes, folder, manner::download);
}

bool stock_client::complete() const
{
	return std::all_of(m_torrents.begin(), m_torrents.end(),
		[](lt::torrent_handle const& torrent) { return torrent.status({}).is_seeding; });
}

bool stock_client::wait_until_complete(std::chrono::milliseconds timeout)
{
	auto const deadline = std::chrono::steady_clock::now() + timeout;
	while (!complete())
	{
		if (std::chrono::steady_clock::now() >= deadline)
		{
			return false;
		}
		pop_flushed();
	}
	// Complete means hashed. Blocks that the disk threads still hold are in the files after a flush.
	for (auto const& torrent : m_torrents)
	{
		torrent.flush_cache();
	}
	for (std::size_t flushed = 0; flushed < m_torrents.size();)
	{
		if (std::chrono::steady_clock::now() >= deadline)
		{
			return false;
		}
		flushed += pop_flushed();
	}
	return true;
}

std::size_t stock_client::pop_flushed()
{
	m_session.wait_for_alert(std::chrono::milliseconds(100));
	std::vector<lt::alert*> alerts;
	m_session.pop_alerts(&alerts);
	return static_cast<std::size_t>(std::count_if(alerts.begin(), alerts.end(),
		[](lt::alert const* alert) { return lt::alert_cast<lt::cache_flushed_alert>(alert) != nullptr; }));
}

void stock_client::limit_upload(int rate)
{
	m_upload_limit = rate;
	for (auto const& torrent : m_torrents)
	{
		torrent.set_upload_limit(rate);
	}
}

std::int64_t stock_client::uploaded() const
{
	std::int64_t total = 0;
	for (auto const& torrent : m_torrents)
	{
		total += torrent.status({}).total_payload_upload;
	}
	return total;
}

} // namespace rawswarm::test
