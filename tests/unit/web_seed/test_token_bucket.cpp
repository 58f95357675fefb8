// SPDX-License-Identifier: BSD-3-Clause
#include "agent/web_seed/token_bucket.hpp"

#include <gtest/gtest.h>

namespace rawswarm
{
namespace
{

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr token_bucket::clock::time_point start{seconds(100)};

} // namespace

TEST(token_bucket, without_a_limit_nobody_waits)
{
	token_bucket budget(0, start);
	budget.spent(1'000'000'000, start);
	EXPECT_EQ(budget.wait(start), token_bucket::clock::duration());
}

TEST(token_bucket, who_takes_a_chunk_whenever_it_may_keeps_to_the_limit)
{
	token_bucket budget(1000, start);
	auto now = start;
	int taken = 0;
	for (int chunk = 0; chunk < 100; ++chunk)
	{
		now += budget.wait(now);
		budget.spent(100, now);
		taken += 100;
	}
	EXPECT_EQ(taken, 10'000);
	EXPECT_GE(now - start, milliseconds(9500));
	EXPECT_LE(now - start, milliseconds(10'500));
}

TEST(token_bucket, what_others_take_is_left_to_them)
{
	token_bucket budget(1000, start);
	auto now = start;
	for (int second = 0; second < 10; ++second)
	{
		now += seconds(1);
		budget.spent(1000, now); // peers use it up
	}
	EXPECT_GT(budget.wait(now), token_bucket::clock::duration());
}

TEST(token_bucket, neither_rest_nor_excess_is_remembered_for_long)
{
	token_bucket budget(1000, start);
	auto const late = start + seconds(3600);
	budget.spent(501, late);
	EXPECT_GT(budget.wait(late), token_bucket::clock::duration());
	budget.spent(1'000'000, late);
	EXPECT_LE(budget.wait(late), milliseconds(502));
}

} // namespace rawswarm
