// SPDX-License-Identifier: BSD-3-Clause
// The network interfaces that can send and receive multicast.
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
	std::optional<boost::asio::ip::address_v4> v4; // its first address, if it has any
	bool has_v6 = false;
	bool loopback = false;
};

// Interfaces that are up, have an address and support multicast, and the loopback, in the kernel's order.
// Empty if the kernel does not answer.
std::vector<multicast_interface> multicast_interfaces();

} // namespace rawswarm
