// SPDX-License-Identifier: BSD-3-Clause
// The network interfaces that multicast can go through.
#pragma once

#include <boost/asio/ip/address_v4.hpp>

#include <optional>
#include <string>
#include <vector>

namespace rawswarm
{

struct multicast_interface
{
	std::string name;
	unsigned int index = 0;
	std::optional<boost::asio::ip::address_v4> v4; // its first address; empty: none
	bool has_v6 = false;
	bool loopback = false;
};

// Interfaces that are up, have an address and can do multicast, and the loopback, as the kernel lists
// them. Empty when the kernel does not answer.
std::vector<multicast_interface> multicast_interfaces();

} // namespace rawswarm
