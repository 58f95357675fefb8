// SPDX-License-Identifier: BSD-3-Clause
// A network in CIDR notation: ADDRESS/BITS. A value type; parsing is pure.
#pragma once

#include "base/result.hpp"

#include <boost/asio/ip/address.hpp>

#include <string>
#include <string_view>

namespace rawswarm
{

struct ip_network
{
	boost::asio::ip::address first; // no bit is set behind the first `bits`
	boost::asio::ip::address last; // all bits are set behind them; of the same family
	unsigned bits = 0;

	bool operator==(ip_network const&) const = default;
};

// An address with bits set behind the first BITS is refused, as 10.1.2.3/8 is more likely a slip than a wish.
// fault::refused; the error's text is the reason alone.
result<ip_network> parse_ip_network(std::string_view text);

std::string to_string(ip_network const& n);

} // namespace rawswarm
