// SPDX-License-Identifier: BSD-3-Clause
// This server as a machine reaches it. A value.
#pragma once

#include <cstdint>
#include <string>

namespace rawswarm
{

struct server_address
{
	std::string authority; // of URLs: HOST or HOST:PORT, as the client wrote it
	std::string address; // an IP address, of IPv6 in brackets, for peers and beacons
	std::uint16_t seed_port = 6881;
	std::uint16_t beacon_port = 7700;
};

} // namespace rawswarm
