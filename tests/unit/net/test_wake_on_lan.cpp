// SPDX-License-Identifier: BSD-3-Clause
#include "agent/net/wake_on_lan.hpp"
#include "base/text.hpp"

#include <gtest/gtest.h>

#include <string>

namespace rawswarm
{
namespace
{

TEST(wake_on_lan, magic_packet_is_six_ones_and_sixteen_times_the_address)
{
	auto const packet = make_magic_packet({0x52, 0x54, 0x00, 0x12, 0x34, 0xab});
	std::string expected = "ffffffffffff";
	for (int i = 0; i < 16; ++i)
	{
		expected += "5254001234ab";
	}
	EXPECT_EQ(to_hex(packet), expected);
	EXPECT_EQ(packet.size(), 102u);
}

TEST(wake_on_lan, addresses_are_read_with_colons_or_hyphens_in_either_case)
{
	mac_address const expected{0x52, 0x54, 0x00, 0xab, 0xcd, 0xef};
	for (auto const* const text : {"52:54:00:ab:cd:ef", "52-54-00-ab-cd-ef", "52:54:00:AB:CD:EF"})
	{
		EXPECT_EQ(parse_mac_address(text), expected) << text;
	}
}

TEST(wake_on_lan, what_is_no_address_is_none)
{
	for (auto const* const text :
		{"", "52:54:00:ab:cd", "52:54:00:ab:cd:ef:01", "52:54:00:ab:cd:eg", "525400abcdef",
			"52:54-00:ab:cd:ef", "52:5:400:ab:cd:ef", ":::::::::::::::::", " 52:54:00:ab:cd:ef"})
	{
		EXPECT_FALSE(parse_mac_address(text)) << text;
	}
}

} // namespace
} // namespace rawswarm
