// SPDX-License-Identifier: BSD-3-Clause
#include "agent/web_seed/content_range.hpp"

#include <gtest/gtest.h>

#include <string_view>

namespace rawswarm::test
{

TEST(content_range, range_of_a_file_of_known_size_is_taken)
{
	auto const range = parse_content_range("bytes 5-9/18446744073709551615");
	ASSERT_TRUE(range);
	EXPECT_EQ(range->first, 5U);
	EXPECT_EQ(range->last, 9U);
	EXPECT_EQ(range->size, 18446744073709551615U);
}

TEST(content_range, range_of_a_file_of_unknown_size_is_taken)
{
	auto const range = parse_content_range("bytes 0-0/*");
	ASSERT_TRUE(range);
	EXPECT_FALSE(range->size);
}

TEST(content_range, whatever_else_a_server_says_is_none)
{
	for (std::string_view const text :
		{"", "bytes", "bytes */100", "lines 0-9/10", "bytes 0-9", "bytes 0-9/", "bytes 0-/10", "bytes -9/10",
			"bytes 0-9/10 ", "bytes 0-9/ten", "bytes  0-9/10", "bytes 0-18446744073709551616/*"})
	{
		EXPECT_FALSE(parse_content_range(text)) << text;
	}
}

} // namespace rawswarm::test
