// SPDX-License-Identifier: BSD-3-Clause
#include "agent/watch/text_columns.hpp"

#include <gtest/gtest.h>

#include <string>

namespace rawswarm
{

TEST(text_columns, text_is_padded_or_cut_to_its_columns)
{
	EXPECT_EQ(in_columns("pc-07", 8), "pc-07   ");
	EXPECT_EQ(in_columns("pc-07", 5), "pc-07");
	EXPECT_EQ(in_columns("lecture-hall", 8), "lectur..");
	EXPECT_EQ(in_columns("lecture-hall", 2), "le");
	EXPECT_EQ(in_columns("lecture-hall", 0), "");
	EXPECT_EQ(at_right("7", 3), "  7");
	EXPECT_EQ(cut_to_columns("pc", 8), "pc");
}

TEST(text_columns, wide_characters_have_two_columns)
{
	EXPECT_EQ(columns_of("教室"), 4U);
	EXPECT_EQ(in_columns("教室", 6), "教室  ");
	EXPECT_EQ(in_columns("教室三", 5), "教.. ");
	EXPECT_EQ(in_columns("教室", 3), ".. ");
	EXPECT_EQ(columns_of(in_columns("\xf0\x9f\x98\x80\xf0\x9f\x98\x80", 3)), 3U);
}

TEST(text_columns, what_has_no_width_is_left_out)
{
	EXPECT_EQ(in_columns("a\xcc\x81\xcc\x81\xcc\x81z", 4), "az  "); // combining accents
	EXPECT_EQ(in_columns("pc\xe2\x80\x8b-07", 5), "pc-07"); // a space without width
	EXPECT_EQ(in_columns("\xef\xbb\xbfpc", 4), "pc  "); // a byte order mark
	EXPECT_EQ(columns_of(std::string(300, 'x') + "\xcc\x81"), 300U);
}

TEST(text_columns, control_characters_and_what_is_no_text_are_question_marks)
{
	EXPECT_EQ(in_columns("\x1b[2Jx\n\r\xff", 9), "?[2Jx??? ");
	EXPECT_EQ(in_columns("\xc2\x9b"
						 "31m\xe2\x80\xae",
				  6),
		"?31m? ");
}

} // namespace rawswarm
