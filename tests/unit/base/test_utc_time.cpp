// SPDX-License-Identifier: BSD-3-Clause
#include "base/utc_time.hpp"

#include <gtest/gtest.h>

namespace
{

using namespace rawswarm;

std::int64_t seconds_of(std::string_view const text)
{
	auto const time = parse_utc_time(text);
	return time ? time->time_since_epoch().count() : -1;
}

TEST(utc_time, text_is_a_second_since_1970)
{
	EXPECT_EQ(seconds_of("1970-01-01T00:00:00Z"), 0);
	EXPECT_EQ(seconds_of("2026-11-29T18:00:01Z"), 1795975201);
	EXPECT_EQ(seconds_of("2024-02-29T23:59:59Z"), 1709251199);
}

TEST(utc_time, other_forms_and_times_that_there_are_none_of_are_refused)
{
	for (auto const* const text : {"", "2026-11-29", "2026-11-29T18:00:00", "2026-11-29T18:00:00+00:00",
			 "2026-11-29t18:00:00z", "2026-11-29 18:00:00Z", "2026-11-29T18:00:00.0Z", "2026-02-29T00:00:00Z",
			 "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-01-00T00:00:00Z", "2026-01-01T24:00:00Z",
			 "2026-01-01T00:60:00Z", "2026-01-01T00:00:60Z", " 026-01-01T00:00:00Z", "-026-01-01T00:00:00Z"})
	{
		EXPECT_FALSE(parse_utc_time(text)) << text;
	}
}

TEST(utc_time, time_is_written_as_it_is_read)
{
	for (auto const* const text : {"1970-01-01T00:00:00Z", "2026-11-29T18:00:01Z", "9999-12-31T23:59:59Z"})
	{
		EXPECT_EQ(format_utc_time(*parse_utc_time(text)), text);
	}
}

} // namespace
