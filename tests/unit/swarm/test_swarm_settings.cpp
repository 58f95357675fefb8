// SPDX-License-Identifier: BSD-3-Clause
#include "agent/swarm/swarm_settings.hpp"
#include "tests/support/base/value_of.hpp"

#include <boost/asio/ip/address.hpp>
#include <gtest/gtest.h>

#include <limits>
#include <string_view>
#include <vector>

namespace rawswarm
{
namespace
{

using sp = lt::settings_pack;

bool allows(lt::ip_filter const& filter, char const* address)
{
	return (filter.access(boost::asio::ip::make_address(address)) & lt::ip_filter::blocked) == 0;
}

lt::ip_filter filter_of(std::vector<std::string_view> const& allow)
{
	manifest_swarm swarm;
	for (auto const text : allow)
	{
		swarm.allow.push_back(test::value_of(parse_ip_network(text)));
	}
	return make_ip_filter(swarm);
}

} // namespace

TEST(swarm_settings, without_networks_everyone_is_allowed)
{
	auto const filter = filter_of({});
	for (auto const* address :
		{"10.0.0.1", "8.8.8.8", "0.0.0.0", "255.255.255.255", "::1", "fd00::1", "2001:db8::1"})
	{
		EXPECT_TRUE(allows(filter, address)) << address;
	}
}

TEST(swarm_settings, addresses_inside_the_allowed_networks_pass_and_all_others_do_not)
{
	auto const filter = filter_of({"10.1.2.0/23", "192.168.7.7/32", "fd00:0:0:1::/64", "2001:db8::5/128"});
	for (auto const* address : {"10.1.2.0", "10.1.3.255", "192.168.7.7", "fd00:0:0:1::", "fd00:0:0:1::1",
			 "fd00:0:0:1:ffff:ffff:ffff:ffff", "2001:db8::5"})
	{
		EXPECT_TRUE(allows(filter, address)) << address;
	}
	for (auto const* address : {"0.0.0.0", "10.1.1.255", "10.1.4.0", "192.168.7.6", "192.168.7.8",
			 "255.255.255.255", "::", "::1", "fd00::ffff:ffff:ffff:ffff", "fd00:0:0:2::", "2001:db8::4",
			 "2001:db8::6", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"})
	{
		EXPECT_FALSE(allows(filter, address)) << address;
	}
}

TEST(swarm_settings, networks_of_one_family_block_the_other_one)
{
	EXPECT_FALSE(allows(filter_of({"10.0.0.0/8"}), "fd00::1"));
	EXPECT_FALSE(allows(filter_of({"fd00::/8"}), "10.0.0.1"));
}

TEST(swarm_settings, a_prefix_that_ends_inside_a_byte_is_kept_to_the_bit)
{
	auto const filter = filter_of({"172.16.0.0/12", "fd00:8000::/19"});
	EXPECT_TRUE(allows(filter, "172.31.255.255"));
	EXPECT_FALSE(allows(filter, "172.32.0.0"));
	EXPECT_TRUE(allows(filter, "fd00:9fff:ffff::1"));
	EXPECT_FALSE(allows(filter, "fd00:a000::"));
	EXPECT_FALSE(allows(filter, "fd00:7fff::"));
}

TEST(swarm_settings, a_network_of_prefix_0_is_everyone_of_its_family)
{
	auto const v4 = filter_of({"0.0.0.0/0"});
	EXPECT_TRUE(allows(v4, "0.0.0.0"));
	EXPECT_TRUE(allows(v4, "255.255.255.255"));
	EXPECT_FALSE(allows(v4, "::1"));
	auto const v6 = filter_of({"::/0"});
	EXPECT_TRUE(allows(v6, "::"));
	EXPECT_TRUE(allows(v6, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"));
	EXPECT_FALSE(allows(v6, "10.0.0.1"));
}

TEST(swarm_settings, overlapping_networks_allow_what_either_allows)
{
	auto const filter = filter_of({"10.0.0.0/8", "10.1.0.0/16", "11.0.0.0/8"});
	EXPECT_TRUE(allows(filter, "10.0.0.1"));
	EXPECT_TRUE(allows(filter, "10.1.0.1"));
	EXPECT_TRUE(allows(filter, "11.255.255.255"));
	EXPECT_FALSE(allows(filter, "12.0.0.0"));
}

TEST(swarm_settings, nothing_beyond_the_job_is_asked_or_told)
{
	auto const pack = make_settings({});
	for (auto const name :
		{sp::enable_upnp, sp::enable_natpmp, sp::enable_outgoing_utp, sp::enable_incoming_utp})
	{
		EXPECT_TRUE(pack.has_val(name)) << lt::name_for_setting(name);
		EXPECT_FALSE(pack.get_bool(name)) << lt::name_for_setting(name);
	}
}

TEST(swarm_settings, the_values_of_the_job_are_passed_on)
{
	manifest_swarm swarm;
	swarm.listen = {test::value_of(parse_endpoint("[fd00::7]:7001"))};
	swarm.upload_limit = 1'000'000;
	swarm.download_limit = std::numeric_limits<int>::max();
	swarm.lsd = false;
	auto const pack = make_settings(swarm);
	EXPECT_EQ(pack.get_str(sp::listen_interfaces), "[fd00::7]:7001");
	EXPECT_EQ(pack.get_int(sp::upload_rate_limit), 1'000'000);
	EXPECT_EQ(pack.get_int(sp::download_rate_limit), std::numeric_limits<int>::max());
	EXPECT_TRUE(pack.has_val(sp::enable_lsd));
	EXPECT_FALSE(pack.get_bool(sp::enable_lsd));
}

TEST(swarm_settings, a_job_that_says_nothing_has_local_discovery_and_no_limits)
{
	auto const pack = make_settings({});
	EXPECT_EQ(pack.get_str(sp::listen_interfaces), "0.0.0.0:6881,[::]:6881");
	EXPECT_TRUE(pack.has_val(sp::enable_lsd));
	EXPECT_TRUE(pack.get_bool(sp::enable_lsd));
	EXPECT_EQ(pack.get_int(sp::upload_rate_limit), 0);
	EXPECT_EQ(pack.get_int(sp::download_rate_limit), 0);
}

} // namespace rawswarm
