// SPDX-License-Identifier: BSD-3-Clause
#include "agent/http_server/pace.hpp"

#include <gtest/gtest.h>

namespace rawswarm
{

namespace
{

using namespace std::chrono_literals;

constexpr std::size_t rate = 1000;
constexpr auto window = 10s;
constexpr pace::clock::time_point start{};

} // namespace

TEST(pace, is_judged_at_the_end_of_each_window)
{
	pace p;
	p.begin(start);
	EXPECT_TRUE(p.is_kept(start + 9s, rate, window));
	p.moved(10'000);
	EXPECT_TRUE(p.is_kept(start + 10s, rate, window));
	EXPECT_TRUE(p.is_kept(start + 19s, rate, window));
	EXPECT_FALSE(p.is_kept(start + 20s, rate, window));
}

TEST(pace, of_an_earlier_window_nothing_is_left)
{
	pace p;
	p.begin(start);
	p.moved(1'000'000);
	EXPECT_TRUE(p.is_kept(start + 10s, rate, window));
	p.moved(9'999);
	EXPECT_FALSE(p.is_kept(start + 20s, rate, window));
}

TEST(pace, a_window_that_became_longer_needs_more)
{
	pace p;
	p.begin(start);
	p.moved(10'999);
	EXPECT_FALSE(p.is_kept(start + 11s, rate, window));
}

} // namespace rawswarm
