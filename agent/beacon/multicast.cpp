// SPDX-License-Identifier: BSD-3-Clause
#include "agent/beacon/multicast.hpp"

#include "base/interface_addresses.hpp"

#include <algorithm>
#include <cstring>
#include <string_view>

#include <net/if.h>
#include <netinet/in.h>

namespace rawswarm
{

namespace
{

multicast_interface& entry_for(std::vector<multicast_interface>& list, ifaddrs const& a)
{
	std::string_view const name = a.ifa_name;
	auto const found =
		std::find_if(list.begin(), list.end(), [&](multicast_interface const& i) { return i.name == name; });
	if (found != list.end())
	{
		return *found;
	}
	auto& added = list.emplace_back();
	added.name = name;
	added.index = if_nametoindex(a.ifa_name);
	added.loopback = (a.ifa_flags & IFF_LOOPBACK) != 0;
	return added;
}

void add_address(std::vector<multicast_interface>& list, ifaddrs const& a)
{
	bool const usable = (a.ifa_flags & IFF_UP) != 0 && (a.ifa_flags & (IFF_MULTICAST | IFF_LOOPBACK)) != 0;
	if (!usable || a.ifa_addr == nullptr)
	{
		return;
	}
	if (a.ifa_addr->sa_family == AF_INET6)
	{
		entry_for(list, a).has_v6 = true;
	}
	else if (a.ifa_addr->sa_family == AF_INET)
	{
		auto& i = entry_for(list, a);
		if (!i.v4)
		{
			sockaddr_in in{};
			std::memcpy(&in, a.ifa_addr, sizeof(in));
			i.v4 = boost::asio::ip::address_v4(ntohl(in.sin_addr.s_addr));
		}
	}
}

} // namespace

std::vector<multicast_interface> multicast_interfaces()
{
	std::vector<multicast_interface> list;
	for_each_interface_address([&list](ifaddrs const& a) { add_address(list, a); });
	return list;
}

} // namespace rawswarm
