// SPDX-License-Identifier: BSD-3-Clause
// Wake-on-LAN: the packet that turns a machine on, and its way into every network of this one.
//
// Source of the format: AMD, "Magic Packet Technology" (publication 20213, 1995): six bytes of 0xff, then the
// card's address sixteen times. What carries it does not matter to the card; here that is UDP to port 9
// (discard), broadcast, as a machine that is off has no address.
#pragma once

#include "base/result.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace rawswarm
{

using mac_address = std::array<std::uint8_t, 6>;
using magic_packet = std::array<std::uint8_t, 102>;

inline constexpr std::uint16_t wake_port = 9;

// Six numbers of two hex digits with colons or hyphens between them, of either case. Empty: something else.
std::optional<mac_address> parse_mac_address(std::string_view text);

// Pure.
magic_packet make_magic_packet(mac_address const& mac);

// Sends each of them the packet once, by every interface that is up and can broadcast, whether it has an
// address or not. Waits for a tenth of a second in all where a queue is full. Returns by how many interfaces.
// Whether a machine wakes cannot be known here. fault::network: there is no such interface, or the packet of
// a machine could be sent by none.
result<std::size_t> wake_machines(std::span<mac_address const> machines);

} // namespace rawswarm
