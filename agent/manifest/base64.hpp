// SPDX-License-Identifier: BSD-3-Clause
// Base64 as RFC 4648 section 4 has it, and nothing else: padding where it belongs, no white space, no
// stray bits in the last digit. One text therefore stands for one string of bytes.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

namespace rawswarm
{

// Nothing, when the text is not what encoding its bytes gives. The empty text is no bytes.
std::optional<std::vector<unsigned char>> decode_base64(std::string_view text);

} // namespace rawswarm
