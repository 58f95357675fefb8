// SPDX-License-Identifier: BSD-3-Clause
#include "agent/http_server/query.hpp"
#include "base/percent_decoded.hpp"

#include <gtest/gtest.h>

namespace rawswarm
{

TEST(query, percent_signs_become_the_bytes_that_they_stand_for)
{
	EXPECT_EQ(percent_decoded("a%20b%2Fc%2fd"), "a b/c/d");
	EXPECT_EQ(percent_decoded("%00%ff"), std::string("\0\xff", 2));
	EXPECT_EQ(percent_decoded("a+b"), "a+b");
	EXPECT_EQ(percent_decoded(""), "");
	EXPECT_EQ(percent_decoded("%2525"), "%25"); // once
}

TEST(query, a_percent_sign_without_two_digits_is_no_text)
{
	for (auto const* const text : {"%", "a%", "%2", "%2g", "%g2", "%-1", "%+1", "% 1", "%%20"})
	{
		EXPECT_FALSE(percent_decoded(text)) << text;
	}
}

TEST(query, a_value_is_that_of_the_first_part_with_its_key)
{
	EXPECT_EQ(query_value("mac=52%3A54&ip=10.0.0.1&mac=x", "mac"), "52:54");
	EXPECT_EQ(query_value("mac=52%3A54&ip=10.0.0.1", "ip"), "10.0.0.1");
	EXPECT_EQ(query_value("a=b=c", "a"), "b=c");
	EXPECT_EQ(query_value("serial=&uuid=1", "serial"), "");
}

TEST(query, a_key_that_is_not_there_or_has_no_value_has_none)
{
	EXPECT_FALSE(query_value("", "mac"));
	EXPECT_FALSE(query_value("mac", "mac"));
	EXPECT_FALSE(query_value("xmac=1&MAC=2&mac%20=3", "mac"));
	EXPECT_FALSE(query_value("mac=%2", "mac"));
}

} // namespace rawswarm
