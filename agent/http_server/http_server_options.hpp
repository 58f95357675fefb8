// SPDX-License-Identifier: BSD-3-Clause
// What http_server is told, and its connections. Values.
#pragma once

#include "agent/http_server/http_reply.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace rawswarm
{

struct http_server_options
{
	std::vector<std::string> names = {}; // what Host may be besides this machine's own names and addresses
	std::string name_hint = {}; // to a client that used another: how it would be allowed
	std::string headers = {}; // of every answer; whole lines, each with CR LF
	std::size_t max_connections = 64; // initial value, not measured: a few people and their tools
	// Initial values, not measured: a person's slow network, and not much more.
	std::chrono::milliseconds request_time{
		10'000}; // for a request to arrive, once its first byte or connection has
	std::chrono::milliseconds idle_time{30'000}; // between two requests of a connection
	std::chrono::milliseconds write_time{30'000}; // for an answer, or a part of a stream, to be taken
};

using http_handler = std::function<http_reply(http_question const&)>;

} // namespace rawswarm
