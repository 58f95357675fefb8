// SPDX-License-Identifier: BSD-3-Clause
// HMAC-SHA256 (RFC 2104), by OpenSSL. Thread-safe.
#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace rawswarm
{

using sha256_digest = std::array<unsigned char, 32>;

// Empty only if OpenSSL itself fails (no memory).
std::optional<sha256_digest> hmac_sha256(std::string_view key, std::string_view data) noexcept;

// Takes the same time wherever the first difference is.
bool equal_in_constant_time(std::string_view a, std::string_view b) noexcept;

} // namespace rawswarm
