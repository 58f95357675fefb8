// SPDX-License-Identifier: BSD-3-Clause
#include "agent/swarm/convictions.hpp"

#include <boost/asio/ip/address.hpp>
#include <gtest/gtest.h>

#include <chrono>

namespace rawswarm
{

namespace
{

using namespace std::chrono_literals;

boost::asio::ip::tcp::endpoint peer(char const* const address, unsigned short const port)
{
	return {boost::asio::ip::make_address(address), port};
}

constexpr convictions::clock::time_point start{1h};

} // namespace

TEST(convictions, of_one_peer_leave_others_behind_its_address_alone)
{
	convictions c;
	for (int i = 0; i < 20; ++i)
	{
		EXPECT_FALSE(c.convict(peer("10.0.0.1", 6881), start));
	}
}

TEST(convictions, of_new_peers_again_and_again_block_the_address)
{
	convictions c;
	for (unsigned short i = 1; i < convictions::most_peers; ++i)
	{
		EXPECT_FALSE(c.convict(peer("10.0.0.1", i), start));
	}
	EXPECT_FALSE(c.convict(peer("10.0.0.2", 1), start));
	EXPECT_TRUE(c.convict(peer("10.0.0.1", 6881), start));
}

TEST(convictions, are_forgotten)
{
	convictions c;
	for (unsigned short i = 1; i < 100; ++i)
	{
		EXPECT_FALSE(c.convict(peer("10.0.0.1", i), start + i * (convictions::memory / 3)));
	}
}

TEST(convictions, of_very_many_addresses_are_kept_in_mind_for_the_newest)
{
	convictions c;
	for (unsigned short i = 1; i < convictions::most_peers; ++i)
	{
		c.convict(peer("10.0.0.1", i), start);
		c.convict(peer("10.0.0.2", i), start + 2s);
	}
	for (std::uint32_t i = 0; i < convictions::most_addresses - 1; ++i)
	{
		c.convict({boost::asio::ip::address_v4(0x0b000000 + i), 1}, start + 1s);
	}
	EXPECT_FALSE(c.convict(peer("10.0.0.1", 6881), start + 3s));
	EXPECT_TRUE(c.convict(peer("10.0.0.2", 6881), start + 3s));
}

} // namespace rawswarm
