// SPDX-License-Identifier: BSD-3-Clause
#include "agent/net/card_links.hpp"

#include <algorithm>
#include <memory>

#include <ifaddrs.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <net/if_arp.h>

namespace rawswarm
{

namespace
{

// Each card has one address of this family.
bool is_card(ifaddrs const& a)
{
	if (a.ifa_addr == nullptr || a.ifa_addr->sa_family != AF_PACKET)
	{
		return false;
	}
	auto const type = reinterpret_cast<sockaddr_ll const*>(a.ifa_addr)->sll_hatype;
	return type == ARPHRD_ETHER || type == ARPHRD_INFINIBAND;
}

} // namespace

std::vector<card_link> card_links()
{
	std::vector<card_link> cards;
	ifaddrs* list = nullptr;
	if (::getifaddrs(&list) != 0)
	{
		return cards;
	}
	std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> const owner(list, &::freeifaddrs);
	for (auto const* a = list; a != nullptr; a = a->ifa_next)
	{
		if (is_card(*a))
		{
			cards.push_back({a->ifa_name, (a->ifa_flags & IFF_UP) != 0, (a->ifa_flags & IFF_RUNNING) != 0});
		}
	}
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
