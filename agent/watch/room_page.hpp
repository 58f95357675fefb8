// SPDX-License-Identifier: BSD-3-Clause
// The room by HTTP: the page, its events, JSON for programs, and metrics. docs/spec.md has the addresses
// ("The room's page").
//
// Thread: that of the io_context. What is made of the room is made at most once between two calls of
// update(), however many clients ask.
#pragma once

#include "agent/http_server/http_server.hpp"
#include "agent/watch/page_files.hpp"
#include "agent/watch/room_json.hpp"

#include <boost/asio/io_context.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
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
	http_reply answer(http_question const& question);
	http_reply machine(std::string_view number) const;
	shared_text room_since(std::uint64_t tick);
	shared_text metrics();
	shared_text next_event(std::optional<std::uint64_t>& sent);

	page_files m_files;
	room_history const& m_room;
	room_facts const& m_facts;
	// Of this tick.
	std::vector<std::pair<std::uint64_t, shared_text>> m_events; // with the tick that they follow; a few
	shared_text m_json;
	shared_text m_metrics;
	http_server m_server;
};

} // namespace rawswarm
