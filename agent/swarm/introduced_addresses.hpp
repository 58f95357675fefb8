// SPDX-License-Identifier: BSD-3-Clause
// Addresses that members of a room have told of and that are still to be dialled, and how many of them may be
// now.
//
// Pure: no network and no clock. One thread.
#pragma once

#include <libtorrent/socket.hpp>

#include <cstddef>
#include <deque>
#include <vector>

namespace rawswarm
{

class introduced_addresses
{
public:
	// Dialled at once: so many a second, less those that have not answered yet. Those of a room answer within
	// milliseconds; of others, a peer may tell as many as it likes. libtorrent dials 200 a second
	// (connection_speed).
	static constexpr std::size_t max_unanswered = 200;

	// Further ones are forgotten. More than a session has connections.
	static constexpr std::size_t max_waiting = 2000;

	void add(lt::tcp::endpoint const& address);

	// A second has passed.
	void tick() { m_dialled_now = 0; }

	// Those to dial now, which are told once. unanswered: connections that wait for a handshake. Some of
	// those may be of this second, so that they count once; others of this second are not begun yet.
	std::vector<lt::tcp::endpoint> take(std::size_t unanswered);

private:
	std::deque<lt::tcp::endpoint> m_waiting;
	std::size_t m_dialled_now = 0; // in the current second
};

} // namespace rawswarm
