// SPDX-License-Identifier: BSD-3-Clause
// What a connection of a room (room_member) is told by the room, and tells it for the other connections. The
// room implements it, and outlives them.
//
// Called in libtorrent's network thread.
#pragma once

#include "agent/swarm/room_options.hpp"
#include "agent/swarm/super_seed.hpp"

#include <libtorrent/error_code.hpp>
#include <libtorrent/socket.hpp>
#include <libtorrent/torrent_handle.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace rawswarm
{

class room_member;

class room_context
{
public:
	virtual lt::torrent_handle const& torrent() const = 0;
	virtual std::int64_t number() const = 0; // by which members know us, whatever our address
	virtual bool is_source() const = 0;
	virtual bool introduces() const = 0; // members to each other

	// Sends a newcomer the addresses of all other members.
	virtual void welcome(std::uint64_t newcomer) = 0;

	// A member told us of these addresses: they are dialled, not more of them at once than a room needs.
	virtual void introduced(std::vector<lt::tcp::endpoint> const& addresses) = 0;

	// The connection that we opened to this address; null: there is none.
	virtual std::shared_ptr<room_member> dialled(lt::tcp::endpoint const& e) const = 0;

	// Another open connection to the same agent; null: there is none.
	virtual std::shared_ptr<room_member> find_other(room_member const& m) const = 0;

	// Addresses at which we listen, as far as they have been seen: others may tell us of them.
	virtual void add_own_address(lt::tcp::endpoint const& a) = 0;
	virtual bool is_own_address(lt::tcp::endpoint const& a) const = 0;

	virtual void contact(
		lt::tcp::endpoint const& peer, peer_contact what, lt::error_code const& why) const = 0;

	// By the number of the connection.
	virtual void sent_block(std::uint64_t number, int piece) = 0;
	virtual void left(std::uint64_t number) = 0;

	// Tells the super_seed what f says, if this is a source, and reveals what follows from it.
	virtual void update_seed(std::function<void(super_seed&)> const& f) = 0;

protected:
	~room_context() = default;
};

} // namespace rawswarm
