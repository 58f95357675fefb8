// SPDX-License-Identifier: BSD-3-Clause
#include "agent/source_map/range_list.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace rawswarm
{

namespace
{

using ranges = std::vector<byte_range>;

TEST(range_list, joins_ranges_that_lie_close_together)
{
	range_list list(100);
	list.add({{0}, 10});
	list.add({{10}, 10});
	list.add({{119}, 1}); // a gap of 99
	list.add({{220}, 5}); // of 100
	list.add({{222}, 10});
	list.add({{223}, 1});
	EXPECT_EQ(list.ranges(), (ranges{{{0}, 120}, {{220}, 12}}));
}

TEST(range_list, skips_what_is_empty)
{
	range_list list(100);
	list.add({{0}, 0});
	EXPECT_EQ(list.ranges(), ranges{});
}

TEST(range_list, holds_no_more_than_it_may_and_loses_nothing)
{
	range_list list(1, 200);
	std::vector<byte_range> added;
	std::uint64_t at = 0;
	for (unsigned i = 0; i < 2000; ++i)
	{
		added.push_back({{at}, 1});
		list.add(added.back());
		at += std::uint64_t(1) << (1 + i % 40); // gaps of all sizes
	}
	EXPECT_LE(list.ranges().size(), 200U);
	EXPECT_GT(list.ranges().size(), 50U);
	for (auto const& range : added)
	{
		EXPECT_EQ(clipped(list.ranges(), range), ranges{range}) << range.offset.bytes;
	}
	for (std::size_t i = 1; i < list.ranges().size(); ++i)
	{
		EXPECT_GT(list.ranges()[i].offset, list.ranges()[i - 1].end());
	}
}

TEST(range_list, is_clipped_to_a_window)
{
	EXPECT_EQ(
		clipped({{{0}, 10}, {{20}, 10}, {{40}, 10}}, {{5}, 40}), (ranges{{{5}, 5}, {{20}, 10}, {{40}, 5}}));
	EXPECT_EQ(clipped({{{0}, 10}}, {{10}, 10}), ranges{});
}

} // namespace

} // namespace rawswarm
