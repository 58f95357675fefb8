// SPDX-License-Identifier: BSD-3-Clause
// POST by http or https, without redirects: once, and until a server that is away or busy is there again.
//
// Blocking, as http_exchange() is. Nothing is sent twice to a server that has answered with anything but a
// status that may pass (agent/net/http_status.hpp); one that took a request and whose answer was lost gets it
// again, so that the request must mean the same the second time.
#pragma once

#include "agent/net/http_answer.hpp"
#include "agent/net/name_lookup.hpp"
#include "agent/net/url.hpp"
#include "base/result.hpp"

#include <chrono>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>

namespace rawswarm
{

struct http_posting
{
	url to;
	std::string_view type; // of the body (RFC 9110, section 8.3)
	std::string_view body;
	std::string authorization = {}; // of the header; empty: none
	std::chrono::seconds longest_try{10}; // of post_until(): a server that hangs leaves time for another
	// Of post_until(): whether a status that is no 2xx ends it. Empty: all but those that may pass.
	std::function<bool(unsigned status)> is_final = {};
	std::function<void(error const&)> on_wait = {}; // of post_until(): once, before the second try
};

// One POST. Whatever the status, the answer has the body, of which an error may have a sentence; 64 KiB at
// most. Errors are those of http_exchange().
result<http_answer> http_post(http_posting const& what, std::chrono::steady_clock::time_point until,
	name_lookup const& look = system_lookup, std::stop_token const& stop = {});

// Again and again until there is an answer of status 2xx, one that is final, or the time is over; ends soon
// when it is asked to stop. Returns the answer of status 2xx.
//
// fault::network, or fault::refused without a CA bundle: "posting to http://10.0.0.1/report/x: connecting to
// 10.0.0.1 port 80: Connection refused (tried for 60 s)", "posting to ...: the server answered 404 Not Found:
// no such token".
result<http_answer> post_until(
	http_posting const& what, std::chrono::steady_clock::time_point until, std::stop_token const& stop = {});

// "the server answered 507 Insufficient Storage: images/ has 1 GiB left". Of the body the first line.
std::string describe_answer(http_answer const& answer);

} // namespace rawswarm
