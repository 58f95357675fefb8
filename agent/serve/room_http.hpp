// SPDX-License-Identifier: BSD-3-Clause
// The room's HTTP server: machine_routes, the tracker, reports, captures, orders, and the watcher's page for
// everything else. docs/spec.md has the addresses ("The server's addresses").
//
// Made, called and destroyed by the thread of the io_context.
#pragma once

#include "agent/http_server/http_server.hpp"
#include "agent/serve/capture_intake.hpp"
#include "agent/serve/machine_routes.hpp"
#include "agent/serve/room_api.hpp"
#include "agent/tracker/tracker.hpp"
#include "agent/watch/page_answers.hpp"
#include "base/result.hpp"

#include <boost/asio/io_context.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace rawswarm
{

class room_http
{
public:
	// All of them must live as long as this.
	struct environment
	{
		boost::asio::io_context& ios;
		room_book& book;
		machine_routes& machines;
		tracker& torrents;
		capture_intake& captures;
		room_api& orders;
		page_answers& page;
	};

	// names: further ones of this machine.
	room_http(environment env, std::vector<std::string> names);

	// fault::network.
	result<void> listen(endpoint const& where) { return m_server.listen(where); }
	std::uint16_t port() const { return m_server.bound().port(); }

	// The page has news.
	void wake() { m_server.wake(); }

private:
	std::size_t body_limit(http_question const& question, std::size_t length) const;
	http_reply answer(http_question const& question);
	http_reply captures(http_question const& question, std::string_view token);

	environment m_env;
	http_server m_server;
};

} // namespace rawswarm
