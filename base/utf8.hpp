// SPDX-License-Identifier: BSD-3-Clause
// UTF-8 (RFC 3629), a character at a time. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace rawswarm
{

struct utf8_character
{
	std::size_t size = 0; // bytes; 0: not UTF-8
	std::uint32_t code = 0;
};

// The text must not be empty. Overlong encodings and surrogates are not UTF-8.
utf8_character first_utf8_character(std::string_view text) noexcept;

// A byte that is not the first of its character.
constexpr bool is_utf8_continuation(char const c) noexcept
{
	return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

} // namespace rawswarm
