// SPDX-License-Identifier: BSD-3-Clause
// The room's orders by HTTP: GET /api/orders shows them to everybody who sees the page, POST gives one, from
// this machine or with the token (order_access.hpp). docs/spec.md has the keys.
//
// Thread: that of the io_context.
#pragma once

#include "agent/http_server/http_reply.hpp"
#include "agent/serve/order_access.hpp"
#include "agent/serve/room_requests.hpp"

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace rawswarm
{

class room_api
{
public:
	static constexpr std::string_view path = "/api/orders";
	static constexpr std::size_t max_body_bytes = max_room_request_bytes;
	static constexpr std::size_t max_stranger_bytes = 4096; // enough to be told what is wrong

	// requests: must live as long as this.
	room_api(room_requests& requests, std::string token);

	// GET, HEAD and POST of `path`. A list is made once a second at most, however many pages ask.
	http_reply answer(http_question const& question);

	// Bytes that a POST of this length may have: who is not allowed to order anything may send little, and so
	// does not take what all clients may hold. A wrong token counts as one of the order itself does.
	std::size_t body_limit(http_question const& question, std::size_t length);

	// Something has changed: the next list is a new one.
	void forget_list() { m_list = nullptr; }

private:
	http_reply show(order_sender const& sender);
	http_reply order(http_question const& question, order_sender const& sender);

	room_requests& m_requests;
	order_access m_access;
	shared_text m_list; // without what is the asker's alone; null: it is to be made
	order_access::clock::time_point m_listed{};
};

} // namespace rawswarm
