// SPDX-License-Identifier: BSD-3-Clause
// Whether bytes are all zero. Pure.
#pragma once

#include <cstring>
#include <span>

namespace rawswarm
{

// Every byte equals the one before it, and the first is zero: one pass at the speed of memcmp.
inline bool is_zero(std::span<char const> const bytes)
{
	return bytes.empty()
		|| (bytes.front() == 0 && std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0);
}

} // namespace rawswarm
