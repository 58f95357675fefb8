// SPDX-License-Identifier: BSD-3-Clause
#include "agent/net/card_links.hpp"

#include "base/interface_addresses.hpp"

#include <algorithm>

#include <linux/if_packet.h>
#include <net/if.h>
#include <net/if_arp.h>

namespace rawswarm
{

namespace
{

// What a cable or a switch may be missing at. Others, such as those of a modem or a tunnel, count while they
// run.
bool counts(int const type, bool const is_running)
{
	return type == ARPHRD_ETHER || type == ARPHRD_INFINIBAND || (type != ARPHRD_LOOPBACK && is_running);
}

} // namespace

std::vector<card_link> card_links()
{
	std::vector<card_link> cards;
	for_each_interface_address([&cards](ifaddrs const& a) {
		// Each has one address of this family.
		if (a.ifa_addr == nullptr || a.ifa_addr->sa_family != AF_PACKET)
		{
			return;
		}
		bool const is_on = (a.ifa_flags & IFF_UP) != 0;
		bool const has_carrier = (a.ifa_flags & IFF_RUNNING) != 0;
		if (counts(reinterpret_cast<sockaddr_ll const*>(a.ifa_addr)->sll_hatype, is_on && has_carrier))
		{
			cards.push_back({a.ifa_name, is_on, has_carrier});
		}
	});
	return cards;
}

std::string why_no_link(std::vector<card_link> const& cards)
{
	auto const has_link = [](card_link const& c) { return c.is_on && c.has_carrier; };
	if (std::ranges::any_of(cards, has_link))
	{
		return {};
	}
	bool const is_any_on = std::ranges::any_of(cards, &card_link::is_on);
	std::string text;
	for (auto const& c : cards)
	{
		if (c.is_on == is_any_on)
		{
			text += (text.empty() ? "" : ", ") + c.name + (is_any_on ? " has no carrier" : " is down");
		}
	}
	return text;
}

} // namespace rawswarm
