// SPDX-License-Identifier: BSD-3-Clause
#include "tests/support/network/fetch_outcome.hpp"

#include <gtest/gtest.h>

namespace rawswarm::test
{

fetch_limits at_most(std::size_t max_bytes)
{
	return {.max_bytes = max_bytes, .timeout = long_limit};
}

result<std::string> fetch_from(std::string const& source, fetch_limits const& limits)
{
	BOOST_OUTCOME_TRY(where, parse_location(source));
	return fetch(where, limits);
}

std::string fetch_outcome(
	std::string const& source, fault kind, fetch_limits const& limits, std::string const& action)
{
	auto const got = fetch_from(source, limits);
	if (got)
	{
		return "fetched: " + got.value();
	}
	auto const& text = got.error().text;
	EXPECT_EQ(got.error().kind, kind) << text;
	auto const begin = action + " " + source + ": ";
	if (!text.starts_with(begin))
	{
		return "not about " + begin + text;
	}
	return text.substr(begin.size());
}

} // namespace rawswarm::test
