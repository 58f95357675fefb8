// SPDX-License-Identifier: BSD-3-Clause
// What fuzzers say of their inputs, and how they find out that it does not hold: the process ends, and
// libFuzzer keeps the input.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace rawswarm::fuzz
{

inline void require(bool const holds)
{
	if (!holds)
	{
		std::abort();
	}
}

// What goes to a terminal or a log: one line that moves no cursor.
inline void require_one_line(std::string_view const text)
{
	require(std::ranges::none_of(
		text, [](char const c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }));
}

// The input as text.
inline std::string_view text_of(std::uint8_t const* const data, std::size_t const size)
{
	// NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes are bytes
	return {reinterpret_cast<char const*>(data), size};
}

} // namespace rawswarm::fuzz
