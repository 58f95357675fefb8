// SPDX-License-Identifier: BSD-3-Clause
#include "base/text.hpp"

#include <gtest/gtest.h>

#include <array>

namespace rawswarm
{
namespace
{

using parts = std::vector<std::string_view>;

TEST(text, padding_is_trimmed_at_both_ends_only)
{
	EXPECT_EQ(trim(" \t a b\r\n"), "a b");
	EXPECT_EQ(trim("a"), "a");
	EXPECT_EQ(trim(" \v\f "), "");
	EXPECT_EQ(trim(""), "");
	EXPECT_EQ(trim(std::string_view(" a\0\0", 4), std::string_view(" \0", 2)), "a");
	EXPECT_EQ(trim("\va ", " "), "\va");
}

TEST(text, case_is_that_of_ascii_letters)
{
	EXPECT_EQ(lower_case("AZaz09[`{@"), "azaz09[`{@");
	EXPECT_EQ(lower_case("\xc3\x9c"), "\xc3\x9c");
	EXPECT_TRUE(equal_ignoring_case("WARNing", "warnING"));
	EXPECT_TRUE(equal_ignoring_case("", ""));
	EXPECT_FALSE(equal_ignoring_case("warn", "warning"));
	EXPECT_FALSE(equal_ignoring_case("[", "{"));
	EXPECT_FALSE(equal_ignoring_case("\xc3\x9c", "\xc3\xbc"));
}

TEST(text, characters_are_those_of_ascii)
{
	std::string digits;
	std::string hex_digits;
	std::string letters;
	std::string blank_ones;
	for (int i = 0; i < 256; ++i)
	{
		auto const c = static_cast<char>(static_cast<unsigned char>(i));
		digits += is_digit(c) ? std::string(1, c) : "";
		hex_digits += is_hex_digit(c) ? std::string(1, c) : "";
		letters += is_letter(c) ? std::string(1, c) : "";
		blank_ones += is_blank(c) ? std::string(1, c) : "";
	}
	EXPECT_EQ(digits, "0123456789");
	EXPECT_EQ(hex_digits, "0123456789ABCDEFabcdef");
	EXPECT_EQ(letters, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
	EXPECT_EQ(blank_ones, "\t\n\v\f\r ");
}

TEST(text, splitting_keeps_empty_parts)
{
	EXPECT_EQ(split("a,b,,c", ','), (parts{"a", "b", "", "c"}));
	EXPECT_EQ(split(",", ','), (parts{"", ""}));
	EXPECT_EQ(split("", ','), parts{""});
	EXPECT_EQ(split("a b", ','), parts{"a b"});
}

TEST(text, words_are_what_blanks_enclose)
{
	EXPECT_EQ(split_words("  36 35\t98:0 \n"), (parts{"36", "35", "98:0"}));
	EXPECT_EQ(split_words("one"), parts{"one"});
	EXPECT_EQ(split_words(" \t"), parts());
	EXPECT_EQ(split_words(""), parts());
}

TEST(text, bytes_become_lower_case_digits_and_digits_bytes)
{
	std::array<unsigned char, 3> const bytes{0x00, 0x9f, 0xff};
	EXPECT_EQ(to_hex(bytes), "009fff");
	EXPECT_EQ(to_hex(std::string_view("\0\x9f\xff", 3)), "009fff");
	EXPECT_EQ(to_hex(std::string_view()), "");
	EXPECT_EQ(from_hex("009FfF"), std::string("\0\x9f\xff", 3));
	EXPECT_EQ(from_hex(""), "");
	for (auto const* text : {"0", "000", "0g", "0x", "+1", " 1", "1 "})
	{
		EXPECT_EQ(from_hex(text), std::nullopt) << text;
	}
}

} // namespace
} // namespace rawswarm
