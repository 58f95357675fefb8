// SPDX-License-Identifier: BSD-3-Clause
#include "base/clean_text.hpp"

#include <gtest/gtest.h>

#include <string_view>

namespace rawswarm
{

TEST(clean_text, leaves_no_control_character)
{
	EXPECT_EQ(clean_text("pc-07"), "pc-07");
	EXPECT_EQ(clean_text("k\xc3\xbc"
						 "che \xe2\x82\xac \xf0\x9f\x90\x9d"),
		"k\xc3\xbc"
		"che \xe2\x82\xac \xf0\x9f\x90\x9d");
	EXPECT_EQ(clean_text("\x1b[2J\x07\r\n\t\x7f"), "?[2J?????");
	EXPECT_EQ(clean_text("a\xc2\x9b"
						 "31m"),
		"a?31m"); // the one-character form of ESC [
	EXPECT_EQ(clean_text("a\xe2\x80\xae"
						 "b\xe2\x81\xa6"
						 "c\xe2\x80\xa8"
						 "d"),
		"a?b?c?d");
	EXPECT_EQ(clean_text(std::string_view("a\0b", 3)), "a?b");
	EXPECT_EQ(clean_text("a\x9b"
						 "b\xff\xc3"),
		"a?b??");
	EXPECT_EQ(clean_text("\xc0\x9b\xe0\x82\x9b\xed\xa0\x80"), "????????"); // too long, and a surrogate
	EXPECT_EQ(clean_text("a\n\tb\x1b", line_breaks::keep), "a\n\tb?");
}

TEST(clean_text, text_is_cut_between_characters)
{
	EXPECT_EQ(cut_text("abcdef", 6), "abcdef");
	EXPECT_EQ(cut_text("abcdefg", 6), "abc...");
	EXPECT_EQ(cut_text("ab\xe2\x82\xac"
					   "defg",
				  7),
		"ab...");
	EXPECT_EQ(cut_text("abcdef", 2), "..");
	EXPECT_EQ(cut_text("abcdef", 0), "");
}

TEST(clean_text, a_quoted_value_is_cut_and_has_no_control_characters)
{
	EXPECT_EQ(printable("a\nb"), "a?b");
	EXPECT_EQ(printable(std::string(1000, 'x')).size(), max_printed_bytes);
	EXPECT_TRUE(has_control_characters("a\x7f"));
	EXPECT_TRUE(has_control_characters("\t"));
	EXPECT_FALSE(has_control_characters("k\xc3\xbc che"));
}

} // namespace rawswarm
