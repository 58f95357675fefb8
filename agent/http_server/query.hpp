// SPDX-License-Identifier: BSD-3-Clause
// The encoded texts of a request's target: RFC 3986, 2.1, and for queries what forms and BitTorrent's
// trackers send (KEY=VALUE&...). Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace rawswarm
{

// Of the first part of that key, which is compared as it is. An empty value is a value. Empty: there is no
// such part, or its encoding is wrong.
std::optional<std::string> query_value(std::string_view query, std::string_view key);

} // namespace rawswarm
