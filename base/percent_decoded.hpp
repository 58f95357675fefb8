// SPDX-License-Identifier: BSD-3-Clause
// The bytes that a percent-encoded text means (RFC 3986, 2.1). Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace rawswarm
{

// Any byte can be meant, NUL among them. Empty: a percent sign without its two digits. A plus sign stays one.
std::optional<std::string> percent_decoded(std::string_view text);

} // namespace rawswarm
