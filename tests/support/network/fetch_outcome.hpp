// SPDX-License-Identifier: BSD-3-Clause
// What came of a fetch, as one text that a test compares.
#pragma once

#include "agent/net/fetch.hpp"

#include <chrono>
#include <string>

namespace rawswarm::test
{

// For what must take place at some time, and must never be the reason that a test fails.
inline constexpr std::chrono::seconds long_limit{20};

// No more than so many bytes, within long_limit.
fetch_limits at_most(std::size_t max_bytes);

// The fetch of a source as a user writes it.
result<std::string> fetch_from(std::string const& source, fetch_limits const& limits = {});

// "fetched: " and the text; or the error's text without what it must begin with, which is the action,
// a space, the source and a colon. Expects the error to be of that kind.
std::string fetch_outcome(std::string const& source, fault kind, fetch_limits const& limits = at_most(1000),
	std::string const& action = "fetching");

} // namespace rawswarm::test
