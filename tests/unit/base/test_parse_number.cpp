// SPDX-License-Identifier: BSD-3-Clause
#include "base/parse_number.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>

namespace rawswarm
{
namespace
{

TEST(parse_number, takes_the_whole_text)
{
	EXPECT_EQ(parse_number<int>("0"), 0);
	EXPECT_EQ(parse_number<int>("007"), 7);
	EXPECT_EQ(parse_number<std::uint64_t>("18446744073709551615"), std::numeric_limits<std::uint64_t>::max());
	for (auto const* text : {"", " ", "x", "1x", "1 ", " 1", "1\n", "1.0", "1e3", "1'000", "0x10"})
	{
		EXPECT_EQ(parse_number<int>(text), std::nullopt) << text;
	}
	EXPECT_EQ(parse_number<int>(std::string_view("1\0", 2)), std::nullopt);
	EXPECT_EQ(parse_number<int>(std::string_view()), std::nullopt);
}

TEST(parse_number, a_sign_is_no_digit)
{
	EXPECT_EQ(parse_number<int>("-1"), std::nullopt);
	EXPECT_EQ(parse_number<int>("+1"), std::nullopt);
	EXPECT_EQ(parse_number<unsigned>("-1"), std::nullopt);
	EXPECT_EQ(parse_number<int>("-"), std::nullopt);
}

TEST(parse_number, what_the_type_does_not_hold_is_refused)
{
	EXPECT_EQ(parse_number<std::uint16_t>("65535"), 65535);
	EXPECT_EQ(parse_number<std::uint16_t>("65536"), std::nullopt);
	EXPECT_EQ(parse_number<std::int64_t>("9223372036854775808"), std::nullopt);
	EXPECT_EQ(parse_number<std::uint64_t>("18446744073709551616"), std::nullopt);
}

TEST(parse_number, reads_hexadecimal_and_octal_digits)
{
	EXPECT_EQ(parse_number<std::uint32_t>("fFfFfFfF", 16), 0xffffffff);
	EXPECT_EQ(parse_number<std::uint32_t>("0x1f", 16), std::nullopt);
	EXPECT_EQ(parse_number<std::uint32_t>(without_hex_prefix("0x1f"), 16), 0x1f);
	EXPECT_EQ(parse_number<std::uint32_t>(without_hex_prefix("0X1f"), 16), 0x1f);
	EXPECT_EQ(parse_number<std::uint32_t>(without_hex_prefix("1f"), 16), 0x1f);
	EXPECT_EQ(parse_number<std::uint32_t>(without_hex_prefix("0x"), 16), std::nullopt);
	EXPECT_EQ(parse_number<std::uint32_t>("040", 8), 32);
	EXPECT_EQ(parse_number<std::uint32_t>("8", 8), std::nullopt);
}

TEST(take_number, takes_the_digits_off_the_text)
{
	std::string_view text = "4096-8191/x";
	EXPECT_EQ(take_number<std::uint64_t>(text), 4096);
	EXPECT_EQ(text, "-8191/x");
	EXPECT_EQ(take_number<std::int64_t>(text), std::nullopt);
	EXPECT_EQ(text, "-8191/x");
}

TEST(take_number, leaves_the_text_alone_when_the_number_is_too_large)
{
	std::string_view text = "256 rest";
	EXPECT_EQ(take_number<std::uint8_t>(text), std::nullopt);
	EXPECT_EQ(text, "256 rest");
}

} // namespace
} // namespace rawswarm
