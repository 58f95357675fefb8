// SPDX-License-Identifier: BSD-3-Clause
// What the room's page answers by HTTP: the page itself, its events, JSON for programs, and metrics.
// docs/spec.md has the addresses ("The room's page"). room_page.hpp is a server with nothing else.
//
// Thread: that of the io_context. What is made of the room is made at most once between two calls of
// update(), however many clients ask.
#pragma once

#include "agent/http_server/http_reply.hpp"
#include "agent/watch/page_files.hpp"
#include "agent/watch/room_json.hpp"

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace rawswarm
{

// Headers that every answer has (http_server_options::headers).
extern char const* const page_headers;

class page_answers
{
public:
	// room, facts: must live as long as this.
	page_answers(room_history const& room, room_facts const& facts);

	http_reply answer(http_question const& question);

	// The room has had a tick: what was made of it is made anew. The server is to wake its streams then.
	void update();

private:
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
};

} // namespace rawswarm
