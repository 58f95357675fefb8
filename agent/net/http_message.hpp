// SPDX-License-Identifier: BSD-3-Clause
// The requests that the program sends, and what it says of answers. Pure.
#pragma once

#include "agent/net/url.hpp"

#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>

#include <string>

namespace rawswarm
{

// GET of a target (path and query) at the server of `at`: HTTP/1.1, and nothing that could come back encoded.
// The caller adds what its request has besides.
boost::beast::http::request<boost::beast::http::empty_body> make_request(
	url const& at, std::string const& target);

// The server's own words for its status, or the usual ones if it sent none; cleaned for a terminal.
std::string reason_of(boost::beast::http::response_header<> const& answer);

} // namespace rawswarm
