// SPDX-License-Identifier: BSD-3-Clause
#include "agent/net/card_links.hpp"

#include <gtest/gtest.h>

namespace rawswarm
{

TEST(card_links, machine_with_one_link_has_one)
{
	EXPECT_EQ(why_no_link({{"eth0", true, false}, {"eth1", true, true}}), "");
	EXPECT_EQ(why_no_link({{"eth0", false, false}, {"eth1", true, true}}), "");
}

TEST(card_links, cards_that_are_on_are_named_with_what_they_lack)
{
	EXPECT_EQ(why_no_link({{"eth0", true, false}, {"eth1", false, false}}), "eth0 has no carrier");
	EXPECT_EQ(why_no_link({{"eth0", true, false}, {"eth1", true, false}}),
		"eth0 has no carrier, eth1 has no carrier");
}

TEST(card_links, cards_that_are_all_down_are_named)
{
	EXPECT_EQ(why_no_link({{"eth0", false, false}, {"eth1", false, true}}), "eth0 is down, eth1 is down");
}

TEST(card_links, nothing_is_said_of_a_machine_without_a_card)
{
	EXPECT_EQ(why_no_link({}), "");
}

} // namespace rawswarm
