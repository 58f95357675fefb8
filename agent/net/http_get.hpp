// SPDX-License-Identifier: BSD-3-Clause
// One GET by http or https (Boost.Beast, OpenSSL), without redirects. Blocking; leaves nothing running behind
// it except, if a name server is silent, a lookup (agent/net/name_lookup.hpp).
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
	std::string reason; // reason_of() in agent/net/http_message.hpp
	std::string location; // as the server sent it; may be empty
	std::string body; // for status 200 only, and always whole
};

// The deadline covers everything: lookup, connecting to each address in turn, TLS, the answer.
//
// Errors name the step and leave the URL to the caller. fault::network; but fault::refused for a body larger
// than max_bytes, for an encoded body and without a CA bundle. Past the deadline: ETIMEDOUT.
result<http_answer> http_get(url const& from, std::chrono::steady_clock::time_point until,
	std::size_t max_bytes, name_lookup const& look = system_lookup);

} // namespace rawswarm
