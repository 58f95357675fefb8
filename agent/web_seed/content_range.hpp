// SPDX-License-Identifier: BSD-3-Clause
// The value of the header field Content-Range (RFC 9110, section 14.4). Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace rawswarm
{

struct content_range
{
	std::uint64_t first = 0; // bytes, both ends included
	std::uint64_t last = 0;
	std::optional<std::uint64_t> size; // of the file; "*": not known
};

// Empty: it is of another unit, of no range ("bytes */SIZE"), or malformed. The order of the numbers is not
// looked at.
std::optional<content_range> parse_content_range(std::string_view text);

} // namespace rawswarm
