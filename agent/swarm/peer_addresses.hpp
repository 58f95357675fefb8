// SPDX-License-Identifier: BSD-3-Clause
// The body of the extension message rs_room: listening addresses of members of a room.
//
// A bencoded dictionary with two of the keys of peer exchange (BEP 11), `added` for IPv4 and `added6` for
// IPv6. Each is a string of 6 or 18 bytes per address: the address, then the port, both in network byte
// order. Other keys, and addresses with port 0, are ignored.
//
// Pure. Input is not trusted: text of another form yields no address, and reading stops at max_addresses.
#pragma once

#include <boost/asio/ip/tcp.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace rawswarm
{

// The most that are read from one message, both families together. As many as a session has connections
// (connections_limit in agent/swarm/swarm_settings.cpp).
inline constexpr std::size_t max_addresses = 2000;

std::string write_addresses(std::vector<boost::asio::ip::tcp::endpoint> const& addresses);
std::vector<boost::asio::ip::tcp::endpoint> read_addresses(std::span<char const> text);

} // namespace rawswarm
