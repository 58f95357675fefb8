// SPDX-License-Identifier: BSD-3-Clause
#include "agent/net/endpoint.hpp"
#include "tests/support/base/value_of.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <gtest/gtest.h>

#include <net/if.h>

namespace rawswarm
{

namespace
{

using test::value_of;
namespace ip = boost::asio::ip;

} // namespace

TEST(endpoint, is_an_address_and_a_port)
{
	for (auto const* const text :
		{"239.255.77.1:7700", "[ff02::1]:7700", "127.0.0.1:0", "127.0.0.1:65535", "[fe80::1%eth0]:7700"})
	{
		EXPECT_EQ(to_string(value_of(parse_endpoint(text))), text);
	}
	auto const e = value_of(parse_endpoint("127.0.0.1:6881"));
	EXPECT_EQ(e.address.address, ip::address_v4::loopback());
	EXPECT_EQ(e.port, 6881);
}

TEST(endpoint, is_refused_if_it_is_a_name_or_malformed)
{
	for (auto const* text : {"", ":", "10.0.0.1", "10.0.0.1:", "10.0.0.1:65536", "10.0.0.1:-1", "10.0.0.1: 1",
			 "10.0.0.1:1x", "10.0.0.1:01", "server:7700", "fe80::1:7700", "[10.0.0.1]:7700", "[::1", "[]:1",
			 "10.0.0:1", "[::1]7700", "[fe80::1%]:1", "[fe80::1%a_scope_too_long]:1"})
	{
		auto const e = parse_endpoint(text);
		ASSERT_FALSE(e) << text;
		EXPECT_EQ(e.error().kind, fault::refused) << text;
		EXPECT_EQ(
			e.error().text, std::string("must be ADDRESS:PORT or [ADDRESS]:PORT, not \"") + text + "\"");
	}
}

TEST(endpoint, a_destination_has_a_port)
{
	EXPECT_TRUE(parse_destination("10.0.0.1:1"));
	auto const refused = parse_destination("10.0.0.1:0");
	ASSERT_FALSE(refused);
	EXPECT_EQ(refused.error().text, "must have a port from 1 to 65535, not \"10.0.0.1:0\"");
}

TEST(endpoint, a_port_alone_listens_at_every_address_of_both_families)
{
	EXPECT_EQ(to_string(value_of(parse_listeners(":6881"))), "0.0.0.0:6881,[::]:6881");
	EXPECT_EQ(to_string(value_of(parse_listeners(":0"))), "0.0.0.0:0,[::]:0");
	EXPECT_EQ(to_string(value_of(parse_listeners("10.0.0.1:6881"))), "10.0.0.1:6881");
	EXPECT_EQ(to_string(value_of(parse_listener(":7700"))), "[::]:7700");
	EXPECT_EQ(to_string(value_of(parse_listener("127.0.0.1:7700"))), "127.0.0.1:7700");
	for (auto const* const text : {"", ":", ":65536", ":-1", ": 1", "::6881", "6881", "server:6881"})
	{
		auto const refused = parse_listeners(text);
		ASSERT_FALSE(refused) << text;
		EXPECT_EQ(refused.error().text,
			std::string("must be ADDRESS:PORT, [ADDRESS]:PORT or :PORT, not \"") + text + "\"");
	}
}

TEST(endpoint, its_interface_is_looked_up_only_when_it_is_used)
{
	auto const loopback = value_of(parse_endpoint("[fe80::1%lo]:7700"));
	EXPECT_EQ(to_udp(loopback).address().to_v6().scope_id(), ::if_nametoindex("lo"));
	EXPECT_EQ(to_udp(value_of(parse_endpoint("[fe80::1%7]:7700"))).address().to_v6().scope_id(), 7U);
	EXPECT_EQ(to_udp(value_of(parse_endpoint("[fe80::1%nosuch0]:7700"))).address().to_v6().scope_id(), 0U);
	EXPECT_EQ(to_udp(value_of(parse_endpoint("10.0.0.1:7700"))).address(), ip::make_address("10.0.0.1"));
}

TEST(endpoint, one_that_the_system_gave_is_written_the_same_way)
{
	EXPECT_EQ(format_endpoint(ip::udp::endpoint(ip::address_v4::loopback(), 7700)), "127.0.0.1:7700");
	EXPECT_EQ(format_endpoint(ip::tcp::endpoint(ip::address_v6::loopback(), 6881)), "[::1]:6881");
}

TEST(endpoint, a_multicast_group_is_an_address_of_that_kind)
{
	EXPECT_EQ(to_string(value_of(parse_multicast_group("239.255.77.1"))), "239.255.77.1");
	EXPECT_EQ(to_string(value_of(parse_multicast_group("ff02::77%eth0"))), "ff02::77%eth0");
	for (auto const* const text : {"10.0.0.1", "fd00::1", "group", "", "239.255.77.1:7700"})
	{
		auto const refused = parse_multicast_group(text);
		ASSERT_FALSE(refused) << text;
		EXPECT_EQ(refused.error().text, std::string("must be a multicast address, not \"") + text + "\"");
	}
}

} // namespace rawswarm
