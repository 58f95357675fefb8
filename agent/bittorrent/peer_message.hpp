// SPDX-License-Identifier: BSD-3-Clause
// Messages of BitTorrent's peer protocol as our plugins send them: length, type and body, numbers in network
// byte order (BEP 3, BEP 10). Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace rawswarm
{

std::string have_message(std::uint32_t piece);

// id: the one that the receiver chose for the message (extension_id in
// agent/bittorrent/extension_handshake.hpp).
std::string extension_message(std::uint8_t id, std::string_view body);

} // namespace rawswarm
