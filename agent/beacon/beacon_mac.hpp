// SPDX-License-Identifier: BSD-3-Clause
// Signed beacons: with a key a datagram ends in an HMAC-SHA256 (RFC 2104) over every byte before it.
#pragma once

#include "base/result.hpp"

#include <string>
#include <string_view>

namespace rawswarm
{

// The datagram with its closing brace replaced by `,"mac":"<64 hex digits>"}`. The HMAC is over all the bytes
// before `,"mac"`.
std::string sign_beacon(std::string datagram, std::string_view key);

// Whether the datagram ends in the right mac for this key (compared in constant time).
bool beacon_is_authentic(std::string_view datagram, std::string_view key);

// The secret of a file (secret_file.hpp). fault::refused as well if it is empty.
result<std::string> read_beacon_key(std::string const& path);

} // namespace rawswarm
