// SPDX-License-Identifier: BSD-3-Clause
// What some editors put before a text in UTF-8, those of Windows above all. Pure.
#pragma once

#include <string_view>

namespace rawswarm
{

inline constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

// The text without one at its beginning.
constexpr std::string_view without_byte_order_mark(std::string_view text) noexcept
{
	text.remove_prefix(text.starts_with(byte_order_mark) ? byte_order_mark.size() : 0);
	return text;
}

} // namespace rawswarm
