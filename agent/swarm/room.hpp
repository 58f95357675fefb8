// SPDX-License-Identifier: BSD-3-Clause
// One torrent of a room: all its connections, with any programs at their other ends, what members know of
// each other, and what a source reveals to whom. room_plugin.hpp says what members do, room_member.hpp is one
// connection.
//
// Lives in libtorrent's network thread and is called there. libtorrent owns it, as long as its torrent; the
// connections share it.
#pragma once

#include "agent/swarm/introduced_addresses.hpp"
#include "agent/swarm/room_context.hpp"
#include "agent/swarm/room_options.hpp"
#include "agent/swarm/super_seed.hpp"

#include <libtorrent/error_code.hpp>
#include <libtorrent/extensions.hpp>
#include <libtorrent/peer_connection_handle.hpp>
#include <libtorrent/socket.hpp>
#include <libtorrent/torrent_handle.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

namespace rawswarm
{

class room final
	: public lt::torrent_plugin
	, public room_context
	, public std::enable_shared_from_this<room>
{
public:
	room(lt::torrent_handle torrent, room_options options);

	std::shared_ptr<lt::peer_plugin> new_connection(lt::peer_connection_handle const& c) override;
	void tick() override; // once per second

	lt::torrent_handle const& torrent() const override { return m_torrent; }
	std::int64_t number() const override { return m_number; }
	bool is_source() const override { return m_options.is_source; }
	bool introduces() const override { return m_options.introduces; }
	void welcome(std::uint64_t newcomer) override;
	void introduced(std::vector<lt::tcp::endpoint> const& addresses) override;
	std::shared_ptr<room_member> dialled(lt::tcp::endpoint const& e) const override;
	std::shared_ptr<room_member> find_other(room_member const& m) const override;
	void add_own_address(lt::tcp::endpoint const& a) override { m_own_addresses.insert(a); }
	bool is_own_address(lt::tcp::endpoint const& a) const override { return m_own_addresses.contains(a); }
	void contact(lt::tcp::endpoint const& peer, peer_contact what, lt::error_code const& why) const override;
	void sent_block(std::uint64_t number, int piece) override;
	void left(std::uint64_t number) override;
	void update_seed(std::function<void(super_seed&)> const& f) override;

private:
	void reveal();
	void dial_introduced();
	void count_needy_peers();
	std::shared_ptr<room_member> member(std::uint64_t number) const;

	lt::torrent_handle m_torrent;
	room_options m_options;
	std::optional<super_seed> m_seed; // of a source
	bool m_was_distributed = false; // fully, when it was last looked at
	std::int64_t m_number;
	std::set<lt::tcp::endpoint> m_own_addresses;
	int m_needy_peers = 0;
	introduced_addresses m_introduced;
	std::uint64_t m_connections = 0; // so far; each has its number from it
	std::map<std::uint64_t, std::weak_ptr<room_member>> m_members; // by number; weak, as they share the room
};

} // namespace rawswarm
