// SPDX-License-Identifier: BSD-3-Clause
// The head of one request: read as it comes, judged, and put as a question. The one file with Beast's parser.
// No sockets and no clock; one thread.
#pragma once

#include "agent/http_server/http_shared.hpp"

#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace rawswarm
{

// The line of the request and its headers; browsers and tools send one or two KiB.
inline constexpr std::size_t max_http_request_bytes = 8192;

// Why there is no answer to a request.
struct http_refusal
{
	unsigned status = 0;
	std::string text;
};

class http_request
{
public:
	// shared: outlives this.
	explicit http_request(http_shared& shared);

	// bytes: all that is there and was not taken by an earlier call. Returns how many are taken, which are
	// none of those behind the head.
	std::size_t put(std::string_view bytes, std::optional<http_refusal>& wrong);

	// All of the head was put. What follows has a meaning only then.
	bool is_whole() const { return m_parser.is_header_done(); }

	// Asks the kernel now and then. local: where it arrived.
	std::optional<http_refusal> find_wrong(
		boost::asio::ip::address const& local, boost::asio::ip::address const& peer) const;

	std::size_t content_length() const;
	bool waits_to_send() const; // its body, for go_on
	bool keeps_connection() const { return m_parser.get().keep_alive(); }

	// What is known from the head: neither body nor addresses. Good as long as this.
	http_question question() const;

	// These two also of a head that is not whole.
	bool is_head() const;
	std::string_view allowed_methods() const;

private:
	std::optional<http_refusal> find_wrong_content(
		boost::asio::ip::address const& local, boost::asio::ip::address const& peer) const;
	std::string_view target() const;
	std::string_view header(boost::beast::http::field name) const;
	std::size_t body_limit(boost::asio::ip::address const& local, boost::asio::ip::address const& peer) const;

	http_shared& m_shared;
	boost::beast::http::request_parser<boost::beast::http::empty_body> m_parser;
};

} // namespace rawswarm
