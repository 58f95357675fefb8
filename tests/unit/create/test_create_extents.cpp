// SPDX-License-Identifier: BSD-3-Clause
#include "agent/create/create_extents.hpp"
#include "base/is_zero.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace rawswarm
{
namespace
{

constexpr std::uint64_t block = block_size;

std::vector<buffer_run> runs_in(std::string const& bytes)
{
	std::vector<buffer_run> runs;
	for (auto run = next_data_run(bytes, 0); run.length > 0;
		 run = next_data_run(bytes, run.begin + run.length))
	{
		runs.push_back(run);
	}
	return runs;
}

TEST(extent_name, is_what_partclone_gives)
{
	EXPECT_EQ(extent_name({0}), "0x00000000000000000000000000000000");
	EXPECT_EQ(extent_name({0x1f400000}), "0x0000000000000000000000001f400000");
}

TEST(is_zero, one_bit_anywhere_makes_the_difference)
{
	std::string bytes(block, '\0');
	EXPECT_TRUE(is_zero(bytes));
	EXPECT_TRUE(is_zero({}));
	EXPECT_TRUE(is_zero({bytes.data(), 1}));
	for (std::size_t const at : {std::size_t(0), std::size_t(1), std::size_t(8191), bytes.size() - 1})
	{
		bytes[at] = 1;
		EXPECT_FALSE(is_zero(bytes)) << at;
		bytes[at] = 0;
	}
}

TEST(next_data_run, adjacent_blocks_make_one_run)
{
	std::string bytes(8 * block + 100, '\0');
	bytes[1 * block] = 1;
	bytes[2 * block + 77] = 1;
	bytes[3 * block - 1] = 1;
	bytes[6 * block - 1] = 1;
	auto const runs = runs_in(bytes);
	ASSERT_EQ(runs.size(), 2U);
	EXPECT_EQ(runs[0].begin, 1 * block);
	EXPECT_EQ(runs[0].length, 2 * block);
	EXPECT_EQ(runs[1].begin, 5 * block);
	EXPECT_EQ(runs[1].length, 1 * block);
}

TEST(next_data_run, the_last_block_may_be_short)
{
	std::string bytes(2 * block + 3, '\0');
	bytes.back() = 1;
	auto const runs = runs_in(bytes);
	ASSERT_EQ(runs.size(), 1U);
	EXPECT_EQ(runs[0].begin, 2 * block);
	EXPECT_EQ(runs[0].length, 3U);
}

TEST(next_data_run, zeros_have_none)
{
	EXPECT_TRUE(runs_in(std::string(3 * block + 5, '\0')).empty());
	EXPECT_TRUE(runs_in({}).empty());
}

TEST(extent_builder, a_gap_below_the_limit_becomes_part_of_the_extent)
{
	extent_builder builder(1000 * block, {3 * block, 100});
	EXPECT_EQ(builder.add({2 * block}, block), 0U);
	EXPECT_EQ(builder.add({5 * block}, block), 2 * block);
	EXPECT_EQ(builder.add({6 * block}, block), 0U);
	ASSERT_EQ(builder.extents().size(), 1U);
	EXPECT_EQ(builder.extents()[0].offset.bytes, 2 * block);
	EXPECT_EQ(builder.extents()[0].length, 5 * block);
}

TEST(extent_builder, a_gap_of_the_limit_begins_a_new_extent)
{
	extent_builder builder(1000 * block, {3 * block, 100});
	builder.add({0}, block);
	EXPECT_EQ(builder.add({4 * block}, 2 * block), 0U);
	ASSERT_EQ(builder.extents().size(), 2U);
	EXPECT_EQ(builder.extents()[1].offset.bytes, 4 * block);
	EXPECT_EQ(builder.extents()[1].length, 2 * block);
}

TEST(extent_builder, runs_that_touch_are_one_extent_without_any_limit_on_gaps)
{
	extent_builder builder(1000 * block, {0, 100});
	builder.add({0}, block);
	builder.add({block}, block);
	EXPECT_EQ(builder.extents().size(), 1U);
}

// Whatever the pattern, the number of extents is bounded, and the last run of data still finds a place.
TEST(extent_builder, there_are_never_more_extents_than_allowed)
{
	constexpr std::uint64_t blocks = 20'000;
	for (std::size_t const limit : {std::size_t(1), std::size_t(2), std::size_t(3), std::size_t(50)})
	{
		for (std::uint64_t const seed : {1U, 2U, 3U})
		{
			std::mt19937_64 random(seed);
			extent_builder builder(blocks * block, {block, limit});
			std::uint64_t bytes = 0;
			for (std::uint64_t at = random() % 4; at < blocks; at += 2 + random() % (seed * 100))
			{
				bytes += builder.add({at * block}, block) + block;
			}
			EXPECT_LE(builder.extents().size(), limit);
			std::uint64_t length = 0;
			for (auto const& extent : builder.extents())
			{
				length += extent.length;
			}
			EXPECT_EQ(length, bytes);
		}
	}
}

TEST(extent_builder, more_than_half_of_the_extents_are_used_where_there_is_need)
{
	constexpr std::uint64_t blocks = 20'000;
	extent_builder builder(blocks * block, {block, 100});
	for (std::uint64_t at = 0; at < blocks; at += 2)
	{
		builder.add({at * block}, block);
	}
	EXPECT_GT(builder.extents().size(), 50U);
	EXPECT_LE(builder.extents().size(), 100U);
}

} // namespace
} // namespace rawswarm
