// SPDX-License-Identifier: BSD-3-Clause
// Identifiers of machines in the one form in which they are compared. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace rawswarm
{

// 52:54:00:12:34:56 of the same with colons or hyphens, not both, of either case. An Ethernet card's address
// has 6 octets, that of IP over InfiniBand 20 (RFC 4391). Empty: no hardware address.
std::optional<std::string> canonical_mac(std::string_view text);

// Lower case. Empty: no UUID as RFC 9562, section 4, writes it.
std::optional<std::string> canonical_uuid(std::string_view text);

} // namespace rawswarm
