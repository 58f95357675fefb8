// SPDX-License-Identifier: BSD-3-Clause
#include "storage/backend/latency_histogram.hpp"

#include <gtest/gtest.h>

namespace rawswarm
{
namespace
{

using namespace std::chrono_literals;

TEST(latency_histogram, has_no_quantiles_before_anything_was_added)
{
	latency_histogram const h;
	EXPECT_EQ(h.count(), 0);
	EXPECT_EQ(h.quantile(0.5), 0us);
}

TEST(latency_histogram, quantiles_are_within_a_bucket)
{
	latency_histogram h;
	for (int i = 1; i <= 1000; ++i)
	{
		h.add(std::chrono::microseconds(i));
	}
	for (double const q : {0.01, 0.5, 0.9, 0.99, 1.0})
	{
		auto const us = double(h.quantile(q).count());
		EXPECT_GE(us, 1000 * q) << q;
		EXPECT_LE(us, 1000 * q * 1.19 + 1) << q;
	}
	EXPECT_EQ(h.count(), 1000);
}

TEST(latency_histogram, one_slow_of_a_hundred_shows_in_the_last_hundredth_only)
{
	latency_histogram h;
	for (int i = 0; i < 99; ++i)
	{
		h.add(100us);
	}
	h.add(2s);
	EXPECT_LT(h.quantile(0.99), 120us);
	EXPECT_GE(h.quantile(0.995), 2s);
}

TEST(latency_histogram, takes_times_that_are_out_of_range)
{
	latency_histogram h;
	h.add(-5us);
	h.add(0us);
	EXPECT_LE(h.quantile(1), 1us);
	h.add(24h);
	EXPECT_GE(h.quantile(1), std::chrono::hours(1));
}

} // namespace
} // namespace rawswarm
