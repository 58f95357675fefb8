// SPDX-License-Identifier: BSD-3-Clause
// What this machine's network card takes, from /sys/class/net.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace rawswarm
{

// Bytes per second in one direction, of the one card with this address that is a device: what is made of
// others (veth, bridge, bond) has a speed that means nothing, or none. Empty if there is no such card, more
// than one, or it does not tell, as many of virtual machines do not.
std::optional<std::int64_t> card_rate(std::string const& mac, std::filesystem::path const& sys = "/sys");

} // namespace rawswarm
