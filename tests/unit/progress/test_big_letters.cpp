// SPDX-License-Identifier: BSD-3-Clause
#include "agent/progress/big_letters.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

namespace rawswarm
{

namespace
{

using lines = std::vector<std::string>;

constexpr auto drawn = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:.-_? ";

} // namespace

TEST(big_letters, have_seven_rows_of_one_width_and_no_two_look_alike)
{
	std::set<big_letters> shapes;
	for (char const c : std::string(drawn))
	{
		auto const letter = draw_letters(std::string(1, c));
		for (auto const& row : letter)
		{
			EXPECT_EQ(row.size(), letter.front().size()) << c;
			EXPECT_LE(row.size(), 5U) << c;
			EXPECT_EQ(row.find_first_not_of("#."), std::string::npos) << c;
		}
		EXPECT_TRUE(shapes.insert(letter).second) << c;
	}
}

TEST(big_letters, of_a_mac_address_fit_into_80_columns)
{
	EXPECT_LT(draw_letters("52:54:00:ab:cd:ef").front().size(), 80U);
}

TEST(big_letters, lie_a_pixel_apart)
{
	EXPECT_EQ(draw_letters("1-").at(3), ".#..###");
	EXPECT_EQ(draw_letters("").front(), "");
}

TEST(big_letters, lower_case_looks_like_upper_case_and_what_is_unknown_like_a_question_mark)
{
	EXPECT_EQ(draw_letters("pc-07"), draw_letters("PC-07"));
	EXPECT_EQ(draw_letters("\x80"), draw_letters("?"));
}

TEST(big_letters, of_ascii_have_a_row_of_hashes_for_each_pixel)
{
	EXPECT_EQ(enlarge(draw_letters("1"), 1, letter_ink::hashes),
		(lines{" #", "##", " #", " #", " #", " #", "###"}));
	EXPECT_EQ(enlarge(draw_letters("1"), 2, letter_ink::hashes),
		(lines{"  ##", "####", "  ##", "  ##", "  ##", "  ##", "######"}));
	EXPECT_EQ(enlarge(draw_letters("1"), 3, letter_ink::hashes).size(), 14U);
}

TEST(big_letters, of_blocks_have_two_pixels_in_a_row)
{
	EXPECT_EQ(enlarge(draw_letters("1"), 1, letter_ink::blocks), (lines{"▄█", " █", " █", "▀▀▀"}));
	EXPECT_EQ(enlarge(draw_letters("1"), 2, letter_ink::blocks).size(), 7U);
	EXPECT_EQ(enlarge(draw_letters("1"), 3, letter_ink::blocks).size(), 11U);
}

TEST(big_letters, take_the_rows_that_are_said)
{
	for (auto const ink : {letter_ink::blocks, letter_ink::hashes})
	{
		for (std::size_t scale = 1; scale < 9; ++scale)
		{
			EXPECT_EQ(enlarge(draw_letters("A"), scale, ink).size(), rows_of(scale, ink)) << scale;
		}
	}
}

} // namespace rawswarm
