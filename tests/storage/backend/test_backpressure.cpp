// SPDX-License-Identifier: BSD-3-Clause
#include "storage/backend/backpressure.hpp"
#include "tests/support/device/disk_fixture.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <numeric>
#include <vector>

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
	EXPECT_FALSE(m_backpressure.exceeded(m_marks.critical - 1, m_marks, m_peer));
	EXPECT_TRUE(m_backpressure.relieve(0, m_marks).empty()) << "nobody waits";
	EXPECT_TRUE(m_backpressure.exceeded(m_marks.critical, m_marks, m_peer));
	EXPECT_TRUE(m_backpressure.is_stopping());
	EXPECT_TRUE(m_backpressure.relieve(m_marks.low + 1, m_marks).empty());
	auto const woken = m_backpressure.relieve(m_marks.low, m_marks);
	ASSERT_EQ(woken.size(), 1U);
	EXPECT_EQ(woken[0].lock(), m_peer);
	EXPECT_TRUE(m_backpressure.relieve(m_marks.low, m_marks).empty()) << "once";
	EXPECT_EQ(m_stats.peers_stopped, 1);
	EXPECT_GE(m_stats.stopped_us, 0);
}

TEST_F(backpressure_test, who_comes_while_others_wait_waits_as_well)
{
	auto const second = std::make_shared<test::test_peer>();
	EXPECT_TRUE(m_backpressure.exceeded(m_marks.critical, m_marks, m_peer));
	EXPECT_TRUE(m_backpressure.exceeded(m_marks.low + 1, m_marks, second));
	EXPECT_EQ(m_backpressure.relieve(m_marks.low, m_marks).size(), 2U);
	EXPECT_FALSE(m_backpressure.exceeded(m_marks.critical - 1, m_marks, second));
}

// One that is stopped still delivers what the kernel has received from it.
TEST_F(backpressure_test, a_peer_counts_as_stopped_and_is_woken_once_however_often_it_is_told)
{
	auto const second = std::make_shared<test::test_peer>();
	for (int block = 0; block < 100; ++block)
	{
		EXPECT_TRUE(m_backpressure.exceeded(m_marks.critical, m_marks, m_peer));
		EXPECT_TRUE(m_backpressure.exceeded(m_marks.critical, m_marks, second));
	}
	EXPECT_TRUE(m_backpressure.exceeded(m_marks.critical, m_marks, nullptr)) << "no peer";
	EXPECT_EQ(m_stats.peers_stopped, 2);
	EXPECT_EQ(m_backpressure.relieve(m_marks.low, m_marks).size(), 2U);
	EXPECT_TRUE(m_backpressure.exceeded(m_marks.critical, m_marks, m_peer));
	EXPECT_EQ(m_stats.peers_stopped, 3) << "again";
}

TEST_F(backpressure_test, no_peer_waits_below_the_low_mark)
{
	EXPECT_TRUE(m_backpressure.exceeded(m_marks.critical, m_marks, nullptr));
	EXPECT_FALSE(m_backpressure.exceeded(m_marks.low, m_marks, nullptr));
	EXPECT_TRUE(m_backpressure.relieve(m_marks.low, m_marks).empty()) << "no observer, nobody to wake";
	EXPECT_FALSE(m_backpressure.is_stopping()) << "the wait is over all the same";
}

TEST_F(backpressure_test, peer_that_left_is_not_kept_alive)
{
	EXPECT_TRUE(m_backpressure.exceeded(m_marks.critical, m_marks, m_peer));
	m_peer.reset();
	auto const woken = m_backpressure.relieve(0, m_marks);
	ASSERT_EQ(woken.size(), 1U);
	EXPECT_TRUE(woken[0].expired());
}

TEST_F(backpressure_test, writing_is_urgent_before_peers_have_to_wait_and_until_they_are_woken)
{
	EXPECT_LT(m_marks.urgent, m_marks.critical);
	EXPECT_FALSE(m_backpressure.is_urgent(m_marks.urgent - 1, m_marks));
	EXPECT_TRUE(m_backpressure.is_urgent(m_marks.urgent, m_marks));
	EXPECT_TRUE(m_backpressure.exceeded(m_marks.critical, m_marks, m_peer));
	EXPECT_TRUE(m_backpressure.is_urgent(m_marks.low + 1, m_marks));
	EXPECT_FALSE(m_backpressure.is_urgent(m_marks.low, m_marks));
}

TEST_F(backpressure_test, stopped_peer_is_woken_once_nothing_is_unwritten_whatever_readers_hold)
{
	EXPECT_TRUE(m_backpressure.exceeded(capacity, m_marks, m_peer));
	EXPECT_EQ(m_backpressure.relieve(0, backpressure_marks::of(0)).size(), 1U);
	EXPECT_TRUE(m_backpressure.exceeded(1, backpressure_marks::of(0), m_peer));
	EXPECT_EQ(m_backpressure.relieve(0, backpressure_marks::of(-5)).size(), 1U);
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

TEST_F(backpressure_test, reserve_is_what_peers_may_still_deliver_but_never_more_than_half)
{
	EXPECT_EQ(backpressure_marks::of(8192, 1000).critical, 8192 - 1000);
	EXPECT_EQ(backpressure_marks::of(8192, 100).critical, 8192 - 512) << "a sixteenth is more";
	EXPECT_EQ(backpressure_marks::of(8192, 100'000).critical, 4096);
	EXPECT_EQ(backpressure_marks::of(64, 100'000).critical, 32);
}

TEST_F(backpressure_test, targets_that_take_all_they_may_leave_some_to_each_other)
{
	for (int const hung : {1, 2, 10, 30})
	{
		std::vector<int> unwritten(static_cast<std::size_t>(hung), 0);
		for (int round = 0; round < 1000; ++round)
		{
			for (auto& own : unwritten)
			{
				auto const others = std::reduce(unwritten.begin(), unwritten.end()) - own;
				own += own < m_marks.beside(others).critical ? 1 : 0;
			}
		}
		auto const taken = std::reduce(unwritten.begin(), unwritten.end());
		EXPECT_LT(taken, m_marks.critical);
		auto const left = m_marks.beside(taken);
		EXPECT_GT(left.critical, 1) << hung;
		EXPECT_LT(left.critical + taken, m_marks.critical) << hung;
	}
	EXPECT_EQ(m_marks.beside(0).critical, m_marks.critical * 4 / 5);
	EXPECT_EQ(m_marks.beside(capacity).critical, 1);
}

} // namespace
} // namespace rawswarm
