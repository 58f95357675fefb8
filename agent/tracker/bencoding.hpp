// SPDX-License-Identifier: BSD-3-Clause
// Bencoding (BEP 3), as far as a tracker writes it. Pure. The keys of a dictionary come in the order of their
// bytes: the caller sees to that.
#pragma once

#include <boost/asio/ip/address.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace rawswarm
{

std::string bencoded(std::string_view bytes);
std::string bencoded(std::int64_t number);

// The bytes of an address and a port in network order (BEP 23: 6 bytes, BEP 7: 18).
std::string compact(boost::asio::ip::address const& address, std::uint16_t port);

} // namespace rawswarm
