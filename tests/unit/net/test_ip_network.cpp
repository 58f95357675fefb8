// SPDX-License-Identifier: BSD-3-Clause
#include "agent/net/ip_network.hpp"
#include "tests/support/base/value_of.hpp"

#include <gtest/gtest.h>

namespace rawswarm
{

namespace
{

using test::value_of;

std::string range_of(std::string_view text)
{
	auto const n = value_of(parse_ip_network(text));
	return n.first.to_string() + " to " + n.last.to_string();
}

std::string refusal(std::string_view text)
{
	auto const parsed = parse_ip_network(text);
	return parsed ? "taken as " + to_string(parsed.value()) : parsed.error().text;
}

} // namespace

TEST(ip_network, reaches_from_its_first_address_to_its_last)
{
	EXPECT_EQ(range_of("10.0.0.0/8"), "10.0.0.0 to 10.255.255.255");
	EXPECT_EQ(range_of("172.16.0.0/12"), "172.16.0.0 to 172.31.255.255");
	EXPECT_EQ(range_of("192.168.7.7/32"), "192.168.7.7 to 192.168.7.7");
	EXPECT_EQ(range_of("0.0.0.0/0"), "0.0.0.0 to 255.255.255.255");
	EXPECT_EQ(range_of("fd00:8000::/19"), "fd00:8000:: to fd00:9fff:ffff:ffff:ffff:ffff:ffff:ffff");
	EXPECT_EQ(range_of("2001:db8::5/128"), "2001:db8::5 to 2001:db8::5");
	EXPECT_EQ(range_of("::/0"), ":: to ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
	EXPECT_EQ(to_string(value_of(parse_ip_network("FD00::/8"))), "fd00::/8");
}

TEST(ip_network, of_an_address_inside_of_it_is_refused_by_its_own_name)
{
	EXPECT_EQ(refusal("10.1.2.3/8"), "\"10.1.2.3/8\" is no network: the one it lies in is 10.0.0.0/8");
	EXPECT_EQ(refusal("fd00::1/8"), "\"fd00::1/8\" is no network: the one it lies in is fd00::/8");
}

TEST(ip_network, is_refused_if_it_is_malformed)
{
	// 4294967304 would be 8 in 32 bits
	for (auto const* const text :
		{"", "lab", "10.0.0.0", "10.0.0.0/", "10.0.0.0/33", "10.0.0/8", "fd00::/129", "1::2::3/8",
			"10.0.0.0/255.0.0.0", "10.0.0.0/4294967304", "fe80::1%eth0/64", "10.0.0.0/08"})
	{
		EXPECT_EQ(refusal(text),
			std::string("must be a network such as 10.0.0.0/8 or fd00::/8, not \"") + text + "\"");
	}
}

} // namespace rawswarm
