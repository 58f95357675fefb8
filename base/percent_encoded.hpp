// SPDX-License-Identifier: BSD-3-Clause
// Text as a part of a URL (RFC 3986, 2.1). Pure.
#pragma once

#include <string>
#include <string_view>

namespace rawswarm
{

// All bytes but the unreserved characters (2.3) and those of `kept` become %XX.
std::string percent_encoded(std::string_view text, std::string_view kept);

} // namespace rawswarm
