// SPDX-License-Identifier: BSD-3-Clause
#include "agent/swarm/introduced_addresses.hpp"

#include <gtest/gtest.h>

#include <cstdint>

namespace rawswarm
{
namespace
{

constexpr auto limit = introduced_addresses::max_unanswered;

introduced_addresses many(std::size_t const n)
{
	introduced_addresses addresses;
	for (std::size_t i = 0; i < n; ++i)
	{
		addresses.add({boost::asio::ip::address_v4(0x0a000001), static_cast<std::uint16_t>(1 + i)});
	}
	return addresses;
}

TEST(introduced_addresses, are_taken_once_in_their_order)
{
	auto addresses = many(3);
	auto const taken = addresses.take(0);
	ASSERT_EQ(taken.size(), 3u);
	EXPECT_EQ(taken[0].port(), 1);
	EXPECT_EQ(taken[2].port(), 3);
	EXPECT_TRUE(addresses.take(0).empty());
}

TEST(introduced_addresses, that_were_dialled_in_this_second_and_are_unanswered_count_once)
{
	auto addresses = many(2 * limit);
	EXPECT_EQ(addresses.take(limit - 100).size(), 100u);
	addresses.tick();
	EXPECT_EQ(addresses.take(limit - 60).size(), 60u);
	EXPECT_EQ(addresses.take(60).size(), limit - 60);
}

TEST(introduced_addresses, that_are_not_begun_yet_count_as_well)
{
	auto addresses = many(2 * limit);
	EXPECT_EQ(addresses.take(0).size(), limit);
	EXPECT_TRUE(addresses.take(0).empty());
	addresses.tick();
	EXPECT_EQ(addresses.take(0).size(), limit);
}

TEST(introduced_addresses, wait_while_others_do_not_answer)
{
	auto addresses = many(10);
	EXPECT_TRUE(addresses.take(limit).empty());
	EXPECT_TRUE(addresses.take(limit + 1).empty());
	EXPECT_EQ(addresses.take(limit - 4).size(), 4u);
}

TEST(introduced_addresses, beyond_what_a_session_can_use_are_forgotten)
{
	auto addresses = many(introduced_addresses::max_waiting + 1);
	std::size_t all = 0;
	for (std::size_t n = limit; n > 0; all += n)
	{
		addresses.tick();
		n = addresses.take(0).size();
	}
	EXPECT_EQ(all, introduced_addresses::max_waiting);
}

} // namespace
} // namespace rawswarm
