// SPDX-License-Identifier: BSD-3-Clause
#include "agent/http_server/address_shares.hpp"

#include <gtest/gtest.h>

namespace rawswarm
{

namespace
{

boost::asio::ip::address at(char const* text)
{
	return boost::asio::ip::make_address(text);
}

} // namespace

TEST(address_shares, the_oldest_of_the_address_that_has_the_most_goes)
{
	address_shares shares;
	shares.add(1, at("10.0.0.1"));
	shares.add(2, at("10.0.0.2"));
	shares.add(3, at("10.0.0.2"));
	EXPECT_EQ(shares.next_to_go(), 2u);
	shares.remove(2, at("10.0.0.2"));
	EXPECT_EQ(shares.next_to_go(), 1u);
}

TEST(address_shares, of_several_that_have_as_many_the_oldest_goes)
{
	address_shares shares;
	shares.add(1, at("10.0.0.9"));
	shares.add(2, at("10.0.0.1"));
	shares.add(3, at("10.0.0.5"));
	EXPECT_EQ(shares.next_to_go(), 1u);
}

TEST(address_shares, a_network_of_ipv6_is_one_machine)
{
	address_shares shares;
	shares.add(1, at("10.0.0.1"));
	shares.add(2, at("fd00::1"));
	shares.add(3, at("fd00::2"));
	EXPECT_EQ(shares.next_to_go(), 2u);
	shares.remove(2, at("fd00::1"));
	shares.add(4, at("fd00:0:0:1::2"));
	EXPECT_EQ(shares.next_to_go(), 1u);
}

} // namespace rawswarm
