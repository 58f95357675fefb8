// SPDX-License-Identifier: BSD-3-Clause
#include "agent/create/piece_size.hpp"

#include <gtest/gtest.h>

namespace rawswarm
{
namespace
{

TEST(piece_size, grows_from_one_to_four_mebibytes_and_is_less_for_little_data)
{
	EXPECT_EQ(automatic_piece_size(0), 256_KiB);
	EXPECT_EQ(automatic_piece_size(64_MiB - 1), 256_KiB);
	EXPECT_EQ(automatic_piece_size(64_MiB), 1_MiB);
	EXPECT_EQ(automatic_piece_size(32_GiB), 1_MiB);
	EXPECT_EQ(automatic_piece_size(32_GiB + 1), 2_MiB);
	EXPECT_EQ(automatic_piece_size(64_GiB + 1), 4_MiB);
	EXPECT_EQ(automatic_piece_size(8_TiB), 4_MiB);
}

TEST(piece_size, grows_further_only_where_there_would_be_too_many_pieces)
{
	EXPECT_EQ(automatic_piece_size(8_TiB + 1), 8_MiB);
	EXPECT_EQ(automatic_piece_size(16_TiB + 1), 16_MiB);
	EXPECT_EQ(automatic_piece_size(100_TiB), 16_MiB);
}

TEST(piece_size, the_last_piece_counts_however_short_it_is)
{
	EXPECT_TRUE(has_few_pieces(8_TiB, 4_MiB));
	EXPECT_FALSE(has_few_pieces(8_TiB + 1, 4_MiB));
	EXPECT_TRUE(has_few_pieces(0, 4_MiB));
}

TEST(piece_size, an_error_says_which_size_would_do)
{
	EXPECT_EQ(too_many_pieces("/dev/sda", 4_MiB, 9_TiB, 9_TiB).text,
		"piece size 4194304: /dev/sda has 9895604649984 bytes of data, which would be more than 2097152 "
		"pieces; a "
		"piece size of 8388608 would do");
	EXPECT_EQ(too_many_pieces("/dev/sda", 16_KiB, 33_GiB, 32_TiB).text,
		"piece size 16384: /dev/sda has at least 35433480192 bytes of data, which would be more than 2097152 "
		"pieces; a piece size of 16777216 would do");
	auto const hopeless = too_many_pieces("/dev/sda", 16_MiB, 33_TiB, 33_TiB);
	EXPECT_EQ(hopeless.kind, fault::usage);
	EXPECT_TRUE(hopeless.text.ends_with("; the largest piece size is 16777216")) << hopeless.text;
}

} // namespace
} // namespace rawswarm
