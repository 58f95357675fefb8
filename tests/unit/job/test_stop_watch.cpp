// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/stop_watch.hpp"

#include <gtest/gtest.h>

namespace rawswarm
{
namespace
{

using std::chrono::seconds;

stop_watch::clock::time_point const start{};

TEST(stop_watch, stop_without_progress_is_given_up)
{
	stop_watch w(start);
	w.begin(start + seconds(100));
	EXPECT_FALSE(w.is_to_end(1000, start + seconds(101)));
	EXPECT_FALSE(w.is_to_end(1000, start + seconds(110)));
	EXPECT_TRUE(w.is_to_end(1000, start + seconds(111)));
	EXPECT_EQ(w.so_far(start + seconds(111)), seconds(11));
}

TEST(stop_watch, stop_with_progress_is_given_up_later)
{
	stop_watch w(start);
	w.begin(start);
	for (int s = 1; s < 60; ++s)
	{
		EXPECT_FALSE(w.is_to_end(s, start + seconds(s)));
	}
	EXPECT_TRUE(w.is_to_end(60, start + seconds(60)));
}

} // namespace
} // namespace rawswarm
