// SPDX-License-Identifier: BSD-3-Clause
// A small HTTP/1.1 server: GET, HEAD, and POST where its owner allows it; texts, streams and files; no TLS.
// Boost.Beast parses.
//
// Anyone may send anything, and nothing that a client does takes memory or time for long:
// - At most max_connections. A further one takes the place of the oldest of the address that has the most, so
//   that one machine cannot keep all others out.
// - A connection takes what its request needs, at most 8 KiB: a larger one is refused (431). A body is
// refused
//   before it is read if it is too large for its path (413), or for what all connections hold together (503).
// - Files are not held at all. Answers that are in memory are bounded for all connections together: what does
//   not fit takes the place of those whose clients have taken theirs for the longest.
// - A request that does not arrive in time ends its connection, as does a client that moves less than
// min_pace
//   of an answer or a body.
// - Clients take turns: each sends or gets a part, the next one follows.
// - A request whose Host is none of this machine's is refused (421; own_hosts.hpp).
//
// Owned and used by the thread of the io_context. It may be destroyed while the io_context runs, but not by
// its handler.
#pragma once

#include "agent/http_server/http_server_options.hpp"
#include "agent/net/endpoint.hpp"
#include "base/result.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstddef>
#include <memory>

namespace rawswarm
{

class http_server
{
public:
	http_server(boost::asio::io_context& ios, http_server_options options, http_handler handler);
	~http_server();
	http_server(http_server const&) = delete;
	http_server& operator=(http_server const&) = delete;

	// [::] takes IPv4 as well; a machine without IPv6 then listens on 0.0.0.0. Port 0: one that is free.
	// fault::network.
	result<void> listen(endpoint const& where);

	// Where it listens.
	boost::asio::ip::tcp::endpoint bound() const;

	// Streams have news: each is asked for its next part, now or when its client has taken the last one.
	void wake();

	std::size_t connections() const;

private:
	struct impl;
	std::shared_ptr<impl> m_impl;
};

} // namespace rawswarm
