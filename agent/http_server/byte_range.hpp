// SPDX-License-Identifier: BSD-3-Clause
// The header Range (RFC 9110, 14.1 and 14.2). Pure.
#pragma once

#include <cstdint>
#include <string_view>

namespace rawswarm
{

enum class range_kind
{
	whole, // none is asked for, or one that a server may leave aside: of another unit, malformed, or several
	part,
	outside // nothing of it is there (416)
};

struct byte_range
{
	range_kind kind = range_kind::whole;
	std::uint64_t offset = 0; // bytes, as is the next; within the file
	std::uint64_t bytes = 0; // not 0 if it is a part
};

// header: as it came; empty: none. size: of the file, bytes.
byte_range parse_byte_range(std::string_view header, std::uint64_t size);

} // namespace rawswarm
