#include "storage/pressure.hpp"
#include "tests/support/disk_fixture.hpp"

#include <gtest/gtest.h>

#include <memory>

namespace rawswarm
{
namespace
{

// Of 100 blocks: high 50, urgent 37, low 25.
TEST(pressure, peers_wait_from_the_high_mark_until_the_low_one)
{
	pressure p(100);
	auto const peer = std::make_shared<test::test_peer>();
	EXPECT_FALSE(p.exceeded(49, peer));
	EXPECT_TRUE(p.relieve(0).empty()) << "nobody waits";
	EXPECT_TRUE(p.exceeded(50, peer));
	EXPECT_TRUE(p.relieve(26).empty());
	auto const woken = p.relieve(25);
	ASSERT_EQ(woken.size(), 1U);
	EXPECT_EQ(woken[0].lock(), peer);
	EXPECT_TRUE(p.relieve(25).empty()) << "once";
}

TEST(pressure, who_comes_while_others_wait_waits_as_well)
{
	pressure p(100);
	auto const first = std::make_shared<test::test_peer>();
	auto const second = std::make_shared<test::test_peer>();
	EXPECT_TRUE(p.exceeded(50, first));
	EXPECT_TRUE(p.exceeded(26, second));
	EXPECT_EQ(p.relieve(25).size(), 2U);
	EXPECT_FALSE(p.exceeded(49, second));
}

TEST(pressure, nobody_waits_below_the_low_mark)
{
	pressure p(100);
	EXPECT_TRUE(p.exceeded(50, nullptr));
	EXPECT_FALSE(p.exceeded(25, nullptr));
	EXPECT_TRUE(p.relieve(25).empty()) << "no observer, nobody to wake";
	EXPECT_FALSE(p.exceeded(49, nullptr)) << "the wait is over all the same";
}

TEST(pressure, peer_that_left_is_not_kept_alive)
{
	pressure p(100);
	auto peer = std::make_shared<test::test_peer>();
	EXPECT_TRUE(p.exceeded(50, peer));
	peer.reset();
	auto const woken = p.relieve(0);
	ASSERT_EQ(woken.size(), 1U);
	EXPECT_TRUE(woken[0].expired());
}

TEST(pressure, writing_is_urgent_before_peers_have_to_wait)
{
	pressure const p(100);
	EXPECT_FALSE(p.is_urgent(36));
	EXPECT_TRUE(p.is_urgent(37));
	EXPECT_TRUE(p.is_low(25));
	EXPECT_FALSE(p.is_low(26));
}

} // namespace
} // namespace rawswarm
