// SPDX-License-Identifier: BSD-3-Clause
// What a handler of agent/http_server is asked, and what it answers. Values.
#pragma once

#include "base/unique_fd.hpp"

#include <boost/asio/ip/address.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace rawswarm
{

// A request. All views are of the request as it came, nothing is decoded (query.hpp does that), and end with
// the call of the handler. A header that is not there, or there twice, is empty.
struct http_question
{
	std::string_view method = "GET"; // GET, HEAD or POST
	std::string_view path; // begins with a slash; without the query
	std::string_view query; // without its question mark
	std::string_view body; // of a POST: all of it
	std::string_view host; // one of this machine's (own_hosts.hpp), with the port that it may have
	std::string_view authorization;
	std::string_view range; // serve_file() reads it; empty also if it is meant for another version (If-Range)
	// A browser sends these with what another site's page asks for; no program but a browser has an origin.
	std::string_view origin;
	std::string_view content_type;
	bool forwarded = false; // a proxy brought it, as one of its headers says: peer is the proxy
	boost::asio::ip::address peer; // who asks; an IPv4 client is an IPv4 address on every listener
	boost::asio::ip::address local; // where the request arrived
};

using shared_text = std::shared_ptr<std::string const>;

// The next part of a stream. Null: nothing new; it is asked again after http_server::wake(). It is asked only
// when the client has taken all that came before, so that a slow client gets fewer and larger parts, and one
// part is all that is held for it.
using http_stream = std::function<shared_text()>;

// A part of a regular file, which goes from the page cache to the socket: nothing of it is held in memory.
// A file that is shorter by then, or cannot be read, ends the connection.
struct http_file
{
	std::shared_ptr<unique_fd const> fd;
	std::uint64_t offset = 0; // bytes, as is the next
	std::uint64_t bytes = 0;
};

struct http_reply
{
	unsigned status = 200;
	std::string_view type = "text/plain; charset=utf-8"; // constants
	shared_text body; // null: empty
	http_stream stream; // set: in place of body; the answer ends with the connection
	std::string headers = {}; // further ones of this answer; whole lines, each with CR LF
	std::optional<http_file> file = {}; // set: in place of body
};

// A line of text.
http_reply make_reply(unsigned status, std::string text);

} // namespace rawswarm
