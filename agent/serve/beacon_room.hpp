// SPDX-License-Identifier: BSD-3-Clause
// The beacons of a room's machines: what the page shows of them, and what the book learns from them.
//
// Made, called and destroyed by the thread of the io_context.
#pragma once

#include "agent/room/room_book.hpp"
#include "agent/serve/room_requests.hpp"
#include "agent/watch/beacon_desk.hpp"
#include "agent/watch/beacon_socket.hpp"
#include "agent/watch/room_json.hpp"
#include "base/result.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rawswarm
{

class beacon_room
{
public:
	// book: must live as long as this.
	beacon_room(boost::asio::io_context& ios, room_book& book);

	// fault::network.
	result<void> listen(endpoint const& where);
	std::uint16_t port() const { return m_socket.port(); }
	void start();
	void stop() { m_socket.stop(); }

	// The room's key has changed, or its orders.
	void on_room_change();
	void on_order() { m_facts.orders = m_facts.orders.value_or(0) + 1; }

	// Once a second: what was heard until then is shown.
	void tick();

	room_history const& history() const { return m_history; }
	room_facts const& facts() const { return m_facts; }

	heard_state heard(std::string_view mac) const;

private:
	bool take(boost::asio::ip::udp::endpoint const& from, std::string_view datagram);
	void tell_book(fleet_agent const& agent, std::string const& ip);

	room_book& m_book;
	beacon_socket m_socket;
	beacon_desk m_desk;
	room_history m_history;
	room_facts m_facts;
};

} // namespace rawswarm
