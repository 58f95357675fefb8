// SPDX-License-Identifier: BSD-3-Clause
// The texts in front of what an answer holds. Pure.
#pragma once

#include "agent/http_server/http_reply.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace rawswarm
{

struct http_head
{
	std::string_view more; // headers of every answer of the server
	std::string_view allowed; // the methods; an answer 405 names them
	bool keeps = false; // the connection
};

// Bytes of the body or file; of a stream 0.
std::uint64_t length_of(http_reply const& reply);

// The line of the status, and all headers to the empty line.
std::string head_of(http_reply const& reply, http_head const& head);

// To a client that waits before it sends a body (RFC 9110, 10.1.1).
inline constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";

} // namespace rawswarm
