// SPDX-License-Identifier: BSD-3-Clause
// The result of a fetch as one text, for tests to compare.
#pragma once

#include "agent/net/fetch.hpp"

#include <chrono>
#include <string>

namespace rawswarm::test
{

// For events that must happen, and whose time must never make a test fail.
inline constexpr std::chrono::seconds long_limit{20};

// At most max_bytes, within long_limit.
fetch_limits at_most(std::size_t max_bytes);

// Fetches a source that is written as a user writes it.
result<std::string> fetch_from(std::string const& source, fetch_limits const& limits = {});

// "fetched: " and the text; or the error's text without its beginning, which must be the action, a space, the
// source and a colon. An error of another kind fails the test.
std::string fetch_outcome(std::string const& source, fault kind, fetch_limits const& limits = at_most(1000),
	std::string const& action = "fetching");

} // namespace rawswarm::test
