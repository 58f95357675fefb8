// SPDX-License-Identifier: BSD-3-Clause
// One request by http or https (Boost.Beast, OpenSSL) and its answer, without redirects: what http_get() and
// http_post() have in common. Blocking; leaves nothing running behind it except, if a name server is silent,
// a lookup (agent/net/name_lookup.hpp).
#pragma once

#include "agent/net/http_answer.hpp"
#include "agent/net/name_lookup.hpp"
#include "agent/net/url.hpp"
#include "base/result.hpp"

#include <chrono>
#include <cstddef>
#include <stop_token>
#include <string_view>

namespace rawswarm
{

// Views must live as long as the exchange.
struct http_call
{
	bool posts = false; // POST; else GET
	std::string_view body = {}; // of a POST
	std::string_view type = {}; // of the body (RFC 9110, section 8.3)
	std::string_view authorization = {}; // of the header; empty: none
	std::size_t max_answer = 0; // bytes of the answer's body
	bool tells_why = false; // of any status the body is wanted; else of 200 alone
};

// The deadline covers everything: lookup, connecting to each address in turn, TLS, the answer. A server may
// answer before it has read all of a POST.
//
// Errors name the step and leave the URL to the caller. fault::network; but fault::refused for a body larger
// than max_answer, for an encoded body and without a CA bundle. Past the deadline: ETIMEDOUT. When it is
// asked to stop: ECANCELED, soon.
result<http_answer> http_exchange(url const& at, http_call const& call,
	std::chrono::steady_clock::time_point until, name_lookup const& look = system_lookup,
	std::stop_token const& stop = {});

} // namespace rawswarm
