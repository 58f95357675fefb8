// SPDX-License-Identifier: BSD-3-Clause
#include "agent/swarm/banned_peers.hpp"

#include <boost/asio/ip/address.hpp>
#include <gtest/gtest.h>

namespace rawswarm::test
{

namespace
{

banned_peers::endpoint peer(unsigned const number)
{
	constexpr unsigned first_port = 1024;
	return {boost::asio::ip::make_address("192.0.2.1"), static_cast<unsigned short>(first_port + number)};
}

} // namespace

TEST(banned_peers, are_known_by_address_and_port)
{
	banned_peers banned;
	EXPECT_FALSE(banned.contains(peer(0)));
	banned.add(peer(0));
	EXPECT_TRUE(banned.contains(peer(0)));
	EXPECT_FALSE(banned.contains(peer(1)));
	EXPECT_FALSE(banned.contains({boost::asio::ip::make_address("192.0.2.2"), peer(0).port()}));
}

TEST(banned_peers, are_kept_in_mind_up_to_a_number_and_the_oldest_is_forgotten)
{
	banned_peers banned;
	for (unsigned i = 0; i < banned_peers::most; ++i)
	{
		banned.add(peer(i));
		banned.add(peer(0)); // again: it stays one
	}
	EXPECT_TRUE(banned.contains(peer(0)));
	banned.add(peer(banned_peers::most));
	EXPECT_FALSE(banned.contains(peer(0)));
	EXPECT_TRUE(banned.contains(peer(1)));
	EXPECT_TRUE(banned.contains(peer(banned_peers::most)));
}

} // namespace rawswarm::test
