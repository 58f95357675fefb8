// SPDX-License-Identifier: BSD-3-Clause
// Addresses of peers as members of a room tell them each other: a bencoded dictionary with the keys of peer
// exchange (BEP 11), `added` for IPv4 and `added6` for IPv6, each a text of address and port after address
// and port, in network byte order.
//
// Pure. What comes from others is checked: wrong text is no address at all, and more than max_addresses are
// not read.
#pragma once

#include <boost/asio/ip/tcp.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace rawswarm
{

constexpr std::size_t max_addresses = 2000;

std::string write_addresses(std::vector<boost::asio::ip::tcp::endpoint> const& addresses);
std::vector<boost::asio::ip::tcp::endpoint> read_addresses(std::span<char const> text);

} // namespace rawswarm
