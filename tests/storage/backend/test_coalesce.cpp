// SPDX-License-Identifier: BSD-3-Clause
#include "storage/backend/coalesce.hpp"

#include <gtest/gtest.h>

#include <array>
#include <vector>

namespace rawswarm
{
namespace
{

std::array<char, 1> bytes;

dirty_range range(std::uint64_t const offset, std::uint32_t const length, std::uint32_t const block)
{
	return {{offset}, bytes.data(), length, block};
}

TEST(coalesce, no_ranges_are_no_runs)
{
	EXPECT_TRUE(build_runs({}, {}).empty());
}

TEST(coalesce, adjacent_ranges_in_any_order_are_one_run_in_the_order_of_the_device)
{
	std::vector ranges{range(300, 50, 0), range(100, 100, 1), range(200, 100, 2)};
	auto const runs = build_runs(ranges, {});
	ASSERT_EQ(runs.size(), 1U);
	EXPECT_EQ(runs[0].offset.bytes, 100U);
	EXPECT_EQ(runs[0].blocks, (std::vector<std::uint32_t>{1, 2, 0}));
	ASSERT_EQ(runs[0].buffers.size(), 3U);
	EXPECT_EQ(runs[0].buffers[2].iov_len, 50U);
}

TEST(coalesce, gap_of_one_byte_ends_a_run)
{
	std::vector ranges{range(0, 100, 0), range(101, 100, 1)};
	auto const runs = build_runs(ranges, {});
	ASSERT_EQ(runs.size(), 2U);
	EXPECT_EQ(runs[1].offset.bytes, 101U);
	EXPECT_EQ(runs[1].blocks, std::vector<std::uint32_t>{1});
}

TEST(coalesce, run_has_no_more_ranges_than_allowed_and_the_others_follow)
{
	std::vector<dirty_range> ranges;
	for (std::uint32_t i = 0; i < 7; ++i)
	{
		ranges.push_back(range(i * 10, 10, i));
	}
	auto const runs = build_runs(ranges, {.max_ranges = 3});
	ASSERT_EQ(runs.size(), 3U);
	EXPECT_EQ(runs[0].buffers.size(), 3U);
	EXPECT_EQ(runs[1].offset.bytes, 30U);
	EXPECT_EQ(runs[2].offset.bytes, 60U);
	EXPECT_EQ(runs[2].blocks, std::vector<std::uint32_t>{6});
}

TEST(coalesce, parts_of_one_block_far_apart_keep_its_number)
{
	std::vector ranges{range(1000, 8, 0), range(0, 8, 0), range(8, 16, 1)};
	auto const runs = build_runs(ranges, {});
	ASSERT_EQ(runs.size(), 2U);
	EXPECT_EQ(runs[0].blocks, (std::vector<std::uint32_t>{0, 1}));
	EXPECT_EQ(runs[1].blocks, std::vector<std::uint32_t>{0});
}

} // namespace
} // namespace rawswarm
