// SPDX-License-Identifier: BSD-3-Clause
#include "agent/progress/console.hpp"
#include "agent/progress/reading_progress.hpp"
#include "base/bytes.hpp"

#include <gtest/gtest.h>

namespace rawswarm
{

namespace
{

using namespace std::chrono_literals;

constexpr std::int64_t gib = 1_GiB;
constexpr std::int64_t mib = 1_MiB;

// From a beginning that every test has.
reading_progress::clock::time_point after(std::chrono::milliseconds const elapsed)
{
	return reading_progress::clock::time_point(1h) + elapsed;
}

TEST(reading_progress, shows_share_amount_rate_and_time_left)
{
	reading_progress reading(after(0s));
	auto const first = reading.at(0, 4 * gib, after(0s));
	ASSERT_TRUE(first);
	EXPECT_EQ(format_line(*first), "reading 0.0%  0 B of 4.0 GiB");

	auto const shown = reading.at(gib, 4 * gib, after(4s));
	ASSERT_TRUE(shown);
	EXPECT_EQ(format_line(*shown), "reading 25.0%  1.0 GiB of 4.0 GiB  256.0 MiB/s  12s left");
	EXPECT_EQ(format_bar(*shown, 79),
		"reading [#####>..............]  25.0%  1.0 GiB of 4.0 GiB  256.0 MiB/s  0:00:12");
}

TEST(reading_progress, of_an_unknown_size_shows_amount_and_rate)
{
	reading_progress reading(after(0s));
	auto const shown = reading.at(gib, 0, after(4s));
	ASSERT_TRUE(shown);
	EXPECT_EQ(format_line(*shown), "reading  1.0 GiB  256.0 MiB/s");
	EXPECT_EQ(format_bar(*shown, 79), "reading  1.0 GiB  256.0 MiB/s");
	EXPECT_EQ(format_bar(*shown, 10), "reading  1");
}

TEST(reading_progress, rate_is_that_of_the_last_seconds)
{
	reading_progress reading(after(0s));
	std::int64_t done = 0;
	for (auto second = 1s; second <= 60s; ++second)
	{
		done += second <= 30s ? 100 * mib : 10 * mib;
		auto const shown = reading.at(done, 4 * gib, after(second));
		ASSERT_TRUE(shown);
		auto const rate = shown->targets[0].down;
		if (second == 30s)
		{
			EXPECT_EQ(rate, 100 * mib);
		}
		else if (second == 40s)
		{
			EXPECT_EQ(rate, 55 * mib);
		}
		else if (second == 60s)
		{
			EXPECT_EQ(rate, 10 * mib);
		}
	}
}

TEST(reading_progress, is_shown_a_few_times_a_second_after_the_quiet_time_and_at_the_end)
{
	reading_progress reading(after(0s), 5s);
	EXPECT_FALSE(reading.at(mib, 4 * gib, after(4999ms)));
	EXPECT_FALSE(reading_progress(after(0s), 5s).at(gib, gib, after(4999ms))) << "it is over already";
	EXPECT_TRUE(reading.at(mib, 4 * gib, after(5s)));
	EXPECT_FALSE(reading.at(2 * mib, 4 * gib, after(5100ms)));
	EXPECT_TRUE(reading.at(2 * mib, 4 * gib, after(5200ms)));
	EXPECT_TRUE(reading.at(4 * gib, 4 * gib, after(5201ms)));
	EXPECT_FALSE(reading.at(4 * gib, 4 * gib, after(5202ms))) << "it stands there already";
}

TEST(reading_progress, nothing_is_said_of_a_rate_at_the_start_nor_of_one_that_is_none)
{
	reading_progress reading(after(0s));
	auto const early = reading.at(mib, 4 * gib, after(500ms));
	ASSERT_TRUE(early);
	EXPECT_EQ(format_line(*early), "reading 0.0%  1.0 MiB of 4.0 GiB");
	auto const standing = reading.at(mib, 4 * gib, after(40s));
	ASSERT_TRUE(standing);
	EXPECT_EQ(standing->targets[0].eta_s, std::nullopt);
}

} // namespace

} // namespace rawswarm
