// SPDX-License-Identifier: BSD-3-Clause
// Messages of BitTorrent's peer protocol as plugins send them: length, type, body, numbers in network byte
// order (BEP 3, BEP 10). Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace rawswarm
{

std::string have_message(std::uint32_t piece);

// id: what the peer's handshake says that the extension has with it.
std::string extension_message(std::uint8_t id, std::string_view body);

} // namespace rawswarm
