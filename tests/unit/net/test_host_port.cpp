// SPDX-License-Identifier: BSD-3-Clause
#include "agent/net/host_port.hpp"
#include "tests/support/base/value_of.hpp"

#include <gtest/gtest.h>

namespace rawswarm
{

using test::value_of;

TEST(host_port, takes_names_and_addresses)
{
	for (auto const* const text : {"10.0.0.1:1", "server:6881", "pc_07.lab.example:65535",
			 "10.0.0.1.example.org:6881", "[2001:db8::1]:6881", "[fe80::1%eth0]:6881"})
	{
		EXPECT_EQ(to_string(value_of(parse_host_port(text))), text);
	}
	EXPECT_EQ(value_of(parse_host_port("[fd00::7]:7001")), (host_port{"fd00::7", 7001}));
}

TEST(host_port, refuses_what_no_host_and_no_port_can_be)
{
	for (auto const* const text : {"", "server", "server:", "server:0", "server:70000", "server:06881",
			 "2001:db8::1:6881", "[server]:6881", "[10.0.0.1]:6881", "[fd00::1]", "10.0.1:6881", "-a:1",
			 "a b:1", "http://10.0.0.1:6881", "server:6881 "})
	{
		auto const refused = parse_host_port(text);
		ASSERT_FALSE(refused) << text;
		EXPECT_EQ(
			refused.error().text, std::string("must be HOST:PORT or [ADDRESS]:PORT, not \"") + text + "\"");
	}
}

TEST(host_port, error_says_when_the_host_is_missing)
{
	for (auto const* const text : {":6881", "[]:6881", ":"})
	{
		auto const refused = parse_host_port(text);
		ASSERT_FALSE(refused) << text;
		EXPECT_EQ(refused.error().text,
			std::string("must be HOST:PORT or [ADDRESS]:PORT, not \"") + text + "\", which names no host");
	}
}

} // namespace rawswarm
