// SPDX-License-Identifier: BSD-3-Clause
#include "agent/swarm/private_room.hpp"

#include "agent/swarm/guarded_peer.hpp"

#include <libtorrent/extensions.hpp>
#include <libtorrent/torrent_handle.hpp>
#include <libtorrent/torrent_info.hpp>

#include <algorithm>
#include <memory>
#include <utility>

namespace rawswarm
{

namespace
{

// Passes on all that libtorrent tells a plugin of the torrent itself.
class private_room final : public lt::torrent_plugin
{
public:
	private_room(room_guard guard, std::vector<std::shared_ptr<lt::torrent_plugin>> plugins)
		: m_guard(std::make_shared<room_guard const>(std::move(guard)))
		, m_plugins(std::move(plugins))
	{}

	std::shared_ptr<lt::peer_plugin> new_connection(lt::peer_connection_handle const& c) override
	{
		std::vector<std::shared_ptr<lt::peer_plugin>> of_member;
		for (auto const& p : m_plugins)
		{
			if (auto of_connection = p->new_connection(c))
			{
				of_member.push_back(std::move(of_connection));
			}
		}
		return std::make_shared<guarded_peer>(m_guard, c, std::move(of_member));
	}

	void on_piece_pass(lt::piece_index_t const piece) override
	{
		tell([piece](auto& p) { p.on_piece_pass(piece); });
	}

	void on_piece_failed(lt::piece_index_t const piece) override
	{
		tell([piece](auto& p) { p.on_piece_failed(piece); });
	}

	void tick() override // once per second
	{
		tell([](auto& p) { p.tick(); });
	}

	bool on_pause() override
	{
		return std::ranges::any_of(m_plugins, [](auto const& p) { return p->on_pause(); });
	}

	bool on_resume() override
	{
		return std::ranges::any_of(m_plugins, [](auto const& p) { return p->on_resume(); });
	}

	void on_files_checked() override
	{
		tell([](auto& p) { p.on_files_checked(); });
	}

	void on_state(lt::torrent_status::state_t const state) override
	{
		tell([state](auto& p) { p.on_state(state); });
	}

	void on_add_peer(lt::tcp::endpoint const& peer, lt::peer_source_flags_t const from,
		lt::add_peer_flags_t const how) override
	{
		tell([&](auto& p) { p.on_add_peer(peer, from, how); });
	}

private:
	template <class F>
	void tell(F const f)
	{
		for (auto const& p : m_plugins)
		{
			f(*p);
		}
	}

	std::shared_ptr<room_guard const> m_guard;
	std::vector<std::shared_ptr<lt::torrent_plugin>> m_plugins;
};

} // namespace

plugin_factory private_room_plugin(std::string key, std::vector<plugin_factory> of_members)
{
	return [key = std::move(key), of_members = std::move(of_members)](
			   lt::torrent_handle const& torrent, lt::client_data_t const data) {
		std::vector<std::shared_ptr<lt::torrent_plugin>> plugins;
		for (auto const& make : of_members)
		{
			plugins.push_back(make(torrent, data));
		}
		auto const info = torrent.torrent_file();
		return std::make_shared<private_room>(
			room_guard{key, info->info_hashes().v1.to_string(), info->num_pieces()}, std::move(plugins));
	};
}

} // namespace rawswarm
