// SPDX-License-Identifier: BSD-3-Clause
// What the connections of one server have in common. Thread: that of the io_context.
#pragma once

#include "agent/http_server/held_bytes.hpp"
#include "agent/http_server/http_server_options.hpp"
#include "agent/http_server/own_hosts.hpp"

#include <functional>
#include <utility>

namespace rawswarm
{

class http_connection;

struct http_shared
{
	http_shared(http_server_options o, http_handler h)
		: options(std::move(o))
		, handler(std::move(h))
		, hosts(options.names)
	{}

	http_server_options options;
	http_handler handler;
	known_hosts hosts;
	held_bytes held;
	std::function<void(http_connection&)> on_end; // it ended by itself
	std::function<void(http_connection&)> on_held; // held has a text more, that of this connection
};

} // namespace rawswarm
