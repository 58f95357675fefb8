// SPDX-License-Identifier: BSD-3-Clause
#include "agent/progress/shown_percent.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace rawswarm
{

TEST(shown_percent, is_never_100_before_all_is_there)
{
	EXPECT_EQ(percent_text(100), "100.0%");
	EXPECT_EQ(percent_text(99.96), "99.9%");
	EXPECT_EQ(percent_text(99.9999999999), "99.9%");
	EXPECT_EQ(percent_text(99.89), "99.8%");
}

TEST(shown_percent, a_number_with_one_digit_is_shown_as_it_is)
{
	for (int tenths = 0; tenths <= 1000; ++tenths)
	{
		auto const percent = 100.0 * tenths / 1000;
		EXPECT_EQ(percent_text(percent), fmt::format("{}.{}%", tenths / 10, tenths % 10));
	}
}

} // namespace rawswarm
