// SPDX-License-Identifier: BSD-3-Clause
// What http_server is told, and its connections. Values.
#pragma once

#include "agent/http_server/http_reply.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace rawswarm
{

// How many bytes the body of a POST may have, by its path and by who asks; length is what it announces. 0:
// there is no POST to the path (405). Asked once for a POST, before the first byte of the body is read; a
// larger one is refused (413). Asked of other methods, too, which have no body.
using http_body_limit = std::function<std::size_t(http_question const& question, std::size_t length)>;

struct http_server_options
{
	std::vector<std::string> names = {}; // what Host may be besides this machine's own names and addresses
	std::string name_hint = {}; // to a client that used another: how it would be allowed
	std::string headers = {}; // of every answer; whole lines, each with CR LF
	http_body_limit body_limit = {}; // none: no POST at all
	std::size_t max_connections = 64; // initial value, not measured: a few people and their tools
	// Bytes of answers and of bodies that are in memory at once, for all connections; a text that several
	// clients are sent counts once, files do not count. A body that does not fit is refused (503). An answer
	// that does not takes the place of those whose clients are slowest. Initial value, not measured.
	std::size_t max_held_bytes = std::size_t(32) * 1024 * 1024;
	// Initial values, not measured: a person's slow network, and not much more.
	std::chrono::milliseconds request_time{
		10'000}; // for a request to arrive, once its first byte or connection has
	std::chrono::milliseconds idle_time{30'000}; // between two requests of a connection
	// An answer, or a body, may take as long as its client moves at least this many bytes a second, in each
	// window of this length.
	std::size_t min_pace = 1024;
	std::chrono::milliseconds pace_window{30'000};
};

using http_handler = std::function<http_reply(http_question const&)>;

} // namespace rawswarm
