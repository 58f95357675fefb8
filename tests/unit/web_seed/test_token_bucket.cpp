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
	token_bucket bucket(0, start);
	bucket.take(1'000'000'000, start);
	EXPECT_EQ(bucket.wait_time(start), token_bucket::clock::duration());
}

TEST(token_bucket, bytes_that_are_taken_whenever_it_allows_keep_to_the_limit)
{
	token_bucket bucket(1000, start);
	auto now = start;
	int taken = 0;
	for (int chunk = 0; chunk < 100; ++chunk)
	{
		now += bucket.wait_time(now);
		bucket.take(100, now);
		taken += 100;
	}
	EXPECT_EQ(taken, 10'000);
	EXPECT_GE(now - start, milliseconds(9500));
	EXPECT_LE(now - start, milliseconds(10'500));
}

TEST(token_bucket, what_peers_take_is_not_given_out_again)
{
	token_bucket bucket(1000, start);
	auto now = start;
	for (int second = 0; second < 10; ++second)
	{
		now += seconds(1);
		bucket.take(1000, now); // peers use it up
	}
	EXPECT_GT(bucket.wait_time(now), token_bucket::clock::duration());
}

TEST(token_bucket, neither_unused_tokens_nor_a_debt_last_long)
{
	token_bucket bucket(1000, start);
	auto const late = start + seconds(3600);
	bucket.take(501, late);
	EXPECT_GT(bucket.wait_time(late), token_bucket::clock::duration());
	bucket.take(1'000'000, late);
	EXPECT_LE(bucket.wait_time(late), milliseconds(502));
}

} // namespace rawswarm
