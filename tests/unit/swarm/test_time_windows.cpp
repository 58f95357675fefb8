// SPDX-License-Identifier: BSD-3-Clause
#include "agent/swarm/time_windows.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>

namespace rawswarm
{

namespace
{

using namespace std::chrono_literals;

struct totals
{
	std::chrono::nanoseconds busy{0};
	std::int64_t bytes = 0;
};

} // namespace

TEST(time_windows, say_what_was_done_in_each)
{
	time_windows<totals> windows(100ms);
	auto const start = time_windows<totals>::clock::time_point(1h);
	int asked = 0;
	auto const at = [&](std::chrono::milliseconds const time, totals const& so_far) {
		return windows.update(start + time, [&] {
			++asked;
			return so_far;
		});
	};
	EXPECT_FALSE(at(0ms, {10ms, 1000}));
	EXPECT_FALSE(at(99ms, {60ms, 1500}));
	EXPECT_EQ(asked, 1);
	auto const first = at(200ms, {60ms, 2000});
	ASSERT_TRUE(first);
	EXPECT_DOUBLE_EQ(first->share(&totals::busy), 0.25);
	EXPECT_EQ(first->count(&totals::bytes), 1000);
	EXPECT_DOUBLE_EQ(first->per_second(&totals::bytes), 5000);
	EXPECT_FALSE(at(299ms, {160ms, 2000}));
	auto const second = at(300ms, {160ms, 2000});
	ASSERT_TRUE(second);
	EXPECT_DOUBLE_EQ(second->share(&totals::busy), 1);
	EXPECT_EQ(second->count(&totals::bytes), 0);
}

} // namespace rawswarm
