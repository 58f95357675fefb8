// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/hang_watch.hpp"
#include "agent/job/zero_steps.hpp"

#include <gtest/gtest.h>

namespace rawswarm
{
namespace
{

using namespace std::chrono_literals;
using verdict = hang_watch::verdict;

class hang_watch_test : public ::testing::Test
{
protected:
	verdict check(
		std::chrono::seconds const waited, std::chrono::seconds const limit, bool const sync = false)
	{
		auto const place = sync ? std::nullopt : std::optional(device_offset{512});
		return m_watch.check(pending_request{"writing", place, m_now - waited}, limit, m_now);
	}

	hang_watch m_watch;
	hang_watch::clock::time_point m_now = hang_watch::clock::now();
};

TEST_F(hang_watch_test, is_said_once_and_again_when_it_answers)
{
	EXPECT_EQ(check(9s, 60s), verdict::fine);
	EXPECT_EQ(check(10s, 60s), verdict::hangs);
	EXPECT_EQ(check(11s, 60s), verdict::fine);
	EXPECT_EQ(m_watch.check({}, 60s, m_now), verdict::answers_again);
	EXPECT_EQ(m_watch.check({}, 60s, m_now), verdict::fine);
	EXPECT_EQ(check(12s, 60s), verdict::hangs);
}

TEST_F(hang_watch_test, has_failed_at_the_limit)
{
	EXPECT_EQ(check(60s, 60s), verdict::failed);
	EXPECT_EQ(check(5s, 10s), verdict::hangs) << "half of a short limit";
	EXPECT_EQ(check(0s, 1s), verdict::answers_again);
	EXPECT_EQ(check(0s, 1s), verdict::fine);
	EXPECT_EQ(check(1000s, 0s), verdict::hangs) << "without a limit it is said only";
}

TEST_F(hang_watch_test, sync_may_take_ten_times_as_long)
{
	EXPECT_EQ(check(99s, 60s, true), verdict::fine);
	EXPECT_EQ(check(100s, 60s, true), verdict::hangs);
	EXPECT_EQ(check(599s, 60s, true), verdict::fine);
	EXPECT_EQ(check(600s, 60s, true), verdict::failed);
}

TEST(zero_steps, become_large_on_a_fast_device_and_small_on_a_slow_one)
{
	zero_steps fast;
	zero_steps slow;
	auto const first = fast.next();
	for (int i = 0; i < 20; ++i)
	{
		fast.took(1ms);
		slow.took(5s);
	}
	EXPECT_EQ(fast.next(), std::uint64_t(1) << 30);
	EXPECT_EQ(slow.next(), std::uint64_t(1) << 20);
	fast.took(200ms);
	EXPECT_EQ(fast.next(), std::uint64_t(1) << 30) << "neither short nor long";
	EXPECT_LT(first, fast.next());
}

} // namespace
} // namespace rawswarm
