// SPDX-License-Identifier: BSD-3-Clause
// One GET by http or https (Boost.Beast, OpenSSL), without redirects. Blocking; nothing is left
// running behind it but, when a name server is silent, a lookup (agent/net/name_lookup.hpp).
#pragma once

#include "agent/net/name_lookup.hpp"
#include "agent/net/url.hpp"
#include "base/result.hpp"

#include <chrono>
#include <cstdint>
#include <string>

namespace rawswarm
{

struct http_answer
{
	unsigned status = 0;
	std::string reason; // the server's own words, or the usual ones for the status; cleaned for a terminal
	std::string location; // as the server sent it; empty where it is none
	std::string body; // of status 200 only, and always whole
};

// The deadline holds for everything: lookup, connecting to each address in turn, TLS, the answer.
//
// Errors name the step and leave the URL to the caller. fault::network; but fault::refused for a body
// larger than max_bytes, for an encoded body and when there is no CA bundle. Past the deadline:
// ETIMEDOUT.
result<http_answer> http_get(url const& from, std::chrono::steady_clock::time_point until,
	std::size_t max_bytes, name_lookup const& look = system_lookup);

} // namespace rawswarm
