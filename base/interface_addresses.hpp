// SPDX-License-Identifier: BSD-3-Clause
// The network interfaces of this process's network namespace and their addresses, as getifaddrs(3) lists
// them.
//
// A few system calls; any thread may call. A kernel that does not tell counts as one without interfaces:
// what is found by them is a help to a person or a guess, and none of the callers has a use for the reason.
#pragma once

#include <memory>

#include <ifaddrs.h>

namespace rawswarm
{

// Calls f(ifaddrs const&) for each address, in the kernel's order. An interface comes as often as it has
// addresses, once of them with that of its card (AF_PACKET); ifa_addr may be null. What f gets is gone after
// the call.
template <class F>
void for_each_interface_address(F f)
{
	ifaddrs* first = nullptr;
	if (::getifaddrs(&first) != 0)
	{
		return;
	}
	std::unique_ptr<ifaddrs, void (*)(ifaddrs*)> const owner(first, &::freeifaddrs);
	for (auto const* a = first; a != nullptr; a = a->ifa_next)
	{
		f(*a);
	}
}

} // namespace rawswarm
