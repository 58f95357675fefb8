// SPDX-License-Identifier: BSD-3-Clause
#include "storage/backend/backpressure.hpp"
#include "tests/support/device/disk_fixture.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>

namespace rawswarm
{
namespace
{

constexpr int capacity = 1000;

class backpressure_test : public ::testing::Test
{
protected:
	disk_stats m_stats;
	backpressure m_backpressure{m_stats};
	backpressure_marks m_marks = backpressure_marks::of(capacity);
	std::shared_ptr<test::test_peer> m_peer = std::make_shared<test::test_peer>();
};

TEST_F(backpressure_test, peers_wait_from_the_critical_mark_until_the_low_one)
{
	EXPECT_FALSE(m_backpressure.exceeded(m_marks.critical - 1, capacity, m_peer));
	EXPECT_TRUE(m_backpressure.relieve(0, capacity).empty()) << "nobody waits";
	EXPECT_TRUE(m_backpressure.exceeded(m_marks.critical, capacity, m_peer));
	EXPECT_TRUE(m_backpressure.is_stopping());
	EXPECT_TRUE(m_backpressure.relieve(m_marks.low + 1, capacity).empty());
	auto const woken = m_backpressure.relieve(m_marks.low, capacity);
	ASSERT_EQ(woken.size(), 1U);
	EXPECT_EQ(woken[0].lock(), m_peer);
	EXPECT_TRUE(m_backpressure.relieve(m_marks.low, capacity).empty()) << "once";
	EXPECT_EQ(m_stats.peers_stopped, 1);
	EXPECT_GE(m_stats.stopped_us, 0);
}

TEST_F(backpressure_test, who_comes_while_others_wait_waits_as_well)
{
	auto const second = std::make_shared<test::test_peer>();
	EXPECT_TRUE(m_backpressure.exceeded(m_marks.critical, capacity, m_peer));
	EXPECT_TRUE(m_backpressure.exceeded(m_marks.low + 1, capacity, second));
	EXPECT_EQ(m_backpressure.relieve(m_marks.low, capacity).size(), 2U);
	EXPECT_FALSE(m_backpressure.exceeded(m_marks.critical - 1, capacity, second));
}

TEST_F(backpressure_test, no_peer_waits_below_the_low_mark)
{
	EXPECT_TRUE(m_backpressure.exceeded(m_marks.critical, capacity, nullptr));
	EXPECT_FALSE(m_backpressure.exceeded(m_marks.low, capacity, nullptr));
	EXPECT_TRUE(m_backpressure.relieve(m_marks.low, capacity).empty()) << "no observer, nobody to wake";
	EXPECT_FALSE(m_backpressure.is_stopping()) << "the wait is over all the same";
}

TEST_F(backpressure_test, peer_that_left_is_not_kept_alive)
{
	EXPECT_TRUE(m_backpressure.exceeded(m_marks.critical, capacity, m_peer));
	m_peer.reset();
	auto const woken = m_backpressure.relieve(0, capacity);
	ASSERT_EQ(woken.size(), 1U);
	EXPECT_TRUE(woken[0].expired());
}

TEST_F(backpressure_test, writing_is_urgent_before_peers_have_to_wait_and_until_they_are_woken)
{
	EXPECT_LT(m_marks.urgent, m_marks.critical);
	EXPECT_FALSE(m_backpressure.is_urgent(m_marks.urgent - 1, capacity));
	EXPECT_TRUE(m_backpressure.is_urgent(m_marks.urgent, capacity));
	EXPECT_TRUE(m_backpressure.exceeded(m_marks.critical, capacity, m_peer));
	EXPECT_TRUE(m_backpressure.is_urgent(m_marks.low + 1, capacity));
	EXPECT_FALSE(m_backpressure.is_urgent(m_marks.low, capacity));
}

TEST_F(backpressure_test, stopped_peer_is_woken_once_nothing_is_unwritten_whatever_readers_hold)
{
	EXPECT_TRUE(m_backpressure.exceeded(capacity, capacity, m_peer));
	EXPECT_EQ(m_backpressure.relieve(0, 0).size(), 1U);
	EXPECT_TRUE(m_backpressure.exceeded(1, 0, m_peer));
	EXPECT_EQ(m_backpressure.relieve(0, -5).size(), 1U);
}

TEST_F(backpressure_test, marks_leave_a_reserve_in_pools_of_any_size)
{
	for (int const blocks : {64, 256, 2048, 65536, 1 << 26})
	{
		auto const m = backpressure_marks::of(blocks);
		EXPECT_LE(m.critical, std::int64_t(blocks) * 15 / 16 + 1) << blocks;
		EXPECT_GE(m.critical, std::int64_t(blocks) * 3 / 4) << blocks;
		EXPECT_GT(m.critical, m.urgent);
		EXPECT_GT(m.urgent, m.low);
	}
}

} // namespace
} // namespace rawswarm
