// SPDX-License-Identifier: BSD-3-Clause
// Base64 by RFC 4648, section 4, strictly: padding where it belongs, no white space, no stray bits in the
// last digit. So every string of bytes has exactly one text.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rawswarm
{

// Empty if encoding the bytes would not give the text again. The empty text decodes to no bytes.
std::optional<std::vector<unsigned char>> decode_base64(std::string_view text);

std::string encode_base64(std::vector<unsigned char> const& bytes);

} // namespace rawswarm
