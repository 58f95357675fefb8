// SPDX-License-Identifier: BSD-3-Clause
#include "agent/watch/rate_series.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace rawswarm
{

namespace
{

using namespace std::chrono_literals;

std::vector<float> down_of(rate_series const& series)
{
	std::vector<float> list;
	for (auto const& s : series.samples())
	{
		list.push_back(s.down);
	}
	return list;
}

} // namespace

TEST(rate_series, samples_are_what_was_added)
{
	rate_series series(1s, 4);
	EXPECT_TRUE(series.samples().empty());
	series.add(1, 10);
	series.add(2, 20);
	EXPECT_EQ(down_of(series), (std::vector<float>{1, 2}));
	EXPECT_EQ(series.samples()[1].up, 20);
	EXPECT_EQ(series.interval(), 1s);
	EXPECT_EQ(series.length(), 2s);
}

TEST(rate_series, a_full_series_keeps_its_length_with_half_the_samples)
{
	rate_series series(1s, 4);
	for (int i = 1; i <= 5; ++i)
	{
		series.add(i, 0);
	}
	EXPECT_EQ(down_of(series), (std::vector<float>{1.5, 3.5, 5})); // the last one is half gathered
	EXPECT_EQ(series.interval(), 2s);
	EXPECT_EQ(series.length(), 5s);
	series.add(6, 0);
	EXPECT_EQ(down_of(series), (std::vector<float>{1.5, 3.5, 5.5}));
}

TEST(rate_series, a_week_takes_no_more_memory_than_its_bound_and_keeps_the_mean)
{
	constexpr int week = 7 * 24 * 3600;
	rate_series series(1s, 240);
	for (int i = 0; i < week; ++i)
	{
		series.add(i % 2 == 0 ? 0 : 2000, 500);
	}
	auto const samples = series.samples();
	EXPECT_LE(samples.size(), 240u);
	EXPECT_GT(samples.size(), 120u);
	EXPECT_EQ(series.length(), std::chrono::seconds(week));
	for (auto const& s : samples)
	{
		EXPECT_NEAR(s.down, 1000, 1);
		EXPECT_NEAR(s.up, 500, 1);
	}
}

} // namespace rawswarm
