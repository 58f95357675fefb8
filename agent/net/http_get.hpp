// SPDX-License-Identifier: BSD-3-Clause
// One GET by http or https, without redirects: http_exchange(), which says how it blocks and fails.
#pragma once

#include "agent/net/http_answer.hpp"
#include "agent/net/name_lookup.hpp"
#include "agent/net/url.hpp"
#include "base/result.hpp"

#include <chrono>
#include <cstddef>

namespace rawswarm
{

// The body is that of status 200 only. fault::refused if it is larger than max_bytes.
result<http_answer> http_get(url const& from, std::chrono::steady_clock::time_point until,
	std::size_t max_bytes, name_lookup const& look = system_lookup);

} // namespace rawswarm
