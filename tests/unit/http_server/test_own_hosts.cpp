// SPDX-License-Identifier: BSD-3-Clause
#include "agent/http_server/own_hosts.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include <unistd.h>

namespace rawswarm
{

namespace
{

namespace ip = boost::asio::ip;

own_hosts const own{{"localhost", "watch", "watch.local", "watch.lab.example"},
	{ip::make_address("10.0.0.5"), ip::make_address("fd00::5"), ip::make_address("fe80::5")}};

bool is_own(std::string_view host, char const* local = "10.0.0.7")
{
	return is_own_host(host, own, ip::make_address(local));
}

} // namespace

TEST(own_hosts, names_of_the_machine_are_its_own_in_any_case_and_with_any_port)
{
	EXPECT_TRUE(is_own("localhost"));
	EXPECT_TRUE(is_own("WATCH:7701"));
	EXPECT_TRUE(is_own("watch.lab.example.:80"));
}

TEST(own_hosts, other_names_are_not_its_own)
{
	EXPECT_FALSE(is_own("attacker.example"));
	EXPECT_FALSE(is_own("watch.attacker.example"));
	EXPECT_FALSE(is_own("notwatch"));
	EXPECT_FALSE(is_own("localhost.attacker.example:7701"));
	EXPECT_FALSE(is_own("10.0.0.5.attacker.example"));
}

TEST(own_hosts, addresses_of_the_machine_are_its_own)
{
	EXPECT_TRUE(is_own("10.0.0.5:7701"));
	EXPECT_TRUE(is_own("[fd00::5]:7701"));
	EXPECT_TRUE(is_own("[fe80::5%eth0]"));
	EXPECT_TRUE(is_own("127.0.0.1:7701"));
	EXPECT_TRUE(is_own("[::1]"));
}

TEST(own_hosts, the_address_at_which_a_connection_arrived_is_its_own)
{
	EXPECT_TRUE(is_own("10.0.0.7"));
	EXPECT_TRUE(is_own("10.0.0.8", "::ffff:10.0.0.8"));
	EXPECT_TRUE(is_own("[fe80::9]", "fe80::9%1"));
}

TEST(own_hosts, other_addresses_are_not_its_own)
{
	EXPECT_FALSE(is_own("10.0.0.6"));
	EXPECT_FALSE(is_own("[fd00::6]:7701"));
	EXPECT_FALSE(is_own("fd00::5")); // without brackets it is no Host
}

TEST(own_hosts, what_is_no_host_is_not_its_own)
{
	for (auto const* const host : {"", ":", ":80", "[", "[]", "[watch]", "watch:", "watch:x", "watch:99999",
			 "[::1", "[::1]x", "watch@attacker"})
	{
		EXPECT_FALSE(is_own(host)) << host;
	}
}

TEST(own_hosts, the_kernel_tells_of_the_host_name_and_of_loopback)
{
	auto const found = find_own_hosts({"Other.Example", "192.0.2.9"});
	std::array<char, 256> name{};
	ASSERT_EQ(::gethostname(name.data(), name.size() - 1), 0);
	auto const has_name = [&](std::string_view n) {
		return std::find(found.names.begin(), found.names.end(), n) != found.names.end();
	};
	EXPECT_TRUE(has_name("localhost"));
	EXPECT_TRUE(has_name("other.example"));
	EXPECT_TRUE(is_own_host(name.data(), found, ip::address_v4::any()));
	EXPECT_TRUE(is_own_host("192.0.2.9", found, ip::address_v4::any()));
	auto const& list = found.addresses;
	EXPECT_NE(std::find(list.begin(), list.end(), ip::address(ip::address_v4::loopback())), list.end());
}

} // namespace rawswarm
