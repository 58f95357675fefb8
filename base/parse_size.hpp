// SPDX-License-Identifier: BSD-3-Clause
// Sizes as people write them: 67108864, 64M, 64Mi, 64MiB, "64 MiB". Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace rawswarm
{

// Bytes: digits, then a unit or none. Units are B, K, M, G and T, powers of 1024, of either case, with "i" or
// "iB" after the letter or not, and one blank before it or not.
//
// Refused (empty): fractions, signs, other blanks, a size that std::int64_t does not hold, and KB, MB, GB and
// TB, which are powers of 1000 elsewhere.
std::optional<std::int64_t> parse_size(std::string_view text);

} // namespace rawswarm
