// SPDX-License-Identifier: BSD-3-Clause
// The room's page (page_answers.hpp) on a server of its own.
//
// Thread: that of the io_context.
#pragma once

#include "agent/http_server/http_server.hpp"
#include "agent/watch/page_answers.hpp"

#include <boost/asio/io_context.hpp>

#include <string>
#include <vector>

namespace rawswarm
{

class room_page
{
public:
	// room, facts: must live as long as this. names: what else the page may be called by
	// (http_server_options).
	room_page(boost::asio::io_context& ios, room_history const& room, room_facts const& facts,
		std::vector<std::string> names);

	// fault::network.
	result<void> listen(endpoint const& where);

	boost::asio::ip::tcp::endpoint bound() const { return m_server.bound(); }

	// The room has had a tick: sends what has changed to all pages.
	void update();

private:
	page_answers m_answers;
	http_server m_server;
};

} // namespace rawswarm
