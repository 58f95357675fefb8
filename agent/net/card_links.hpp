// SPDX-License-Identifier: BSD-3-Clause
// Whether this machine's network cards have a link, as the kernel tells it.
//
// Of Ethernet, radio and InfiniBand, and what is made of them (bridge, bond, veth); tunnels and
// point-to-point lines while they run; not loopback. So a cable that was pulled out is not missed by a
// machine that has, say, a bridge with a guest. From the network namespace of the process, of which /sys may
// know nothing. Sources: netdevice(7), packet(7); IFF_RUNNING is the state of RFC 2863.
#pragma once

#include <string>
#include <vector>

namespace rawswarm
{

struct card_link
{
	std::string name; // "eth0"
	bool is_on = false; // by whoever configures the network
	bool has_carrier = false; // and something at the other end of its cable
};

// In the kernel's order. Empty if it has none, or if the kernel does not tell. A few system calls.
std::vector<card_link> card_links();

// "eth0 has no carrier": of the cards that are on; if none is, "eth0 is down". Empty if one has a link
// or there is no card. Pure.
std::string why_no_link(std::vector<card_link> const& cards);

} // namespace rawswarm
