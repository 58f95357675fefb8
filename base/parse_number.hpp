// SPDX-License-Identifier: BSD-3-Clause
// Numbers from text: files of the kernel, the command line, headers of HTTP, names of files.
//
// Only digits are taken: no sign, no blank, no prefix, no separator. A number that its type does not hold
// is refused. Pure; no locale. std::from_chars does the work.
#pragma once

#include <charconv>
#include <concepts>
#include <cstddef>
#include <optional>
#include <string_view>
#include <system_error>

namespace rawswarm
{

// The number that the text begins with, whose digits are removed from the text. Empty, and the text
// unchanged, if it does not begin with a digit or the number is too large.
template <std::integral Number>
std::optional<Number> take_number(std::string_view& text, int const base = 10)
{
	// std::from_chars takes a minus sign for signed types.
	if (text.empty() || text.front() == '-')
	{
		return {};
	}
	Number number = 0;
	auto const [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number, base);
	if (ec != std::errc())
	{
		return {};
	}
	text.remove_prefix(static_cast<std::size_t>(end - text.data()));
	return number;
}

// The whole text as a number.
template <std::integral Number>
std::optional<Number> parse_number(std::string_view text, int const base = 10)
{
	auto const number = take_number<Number>(text, base);
	return text.empty() ? number : std::nullopt;
}

// "0x1f" and "0X1f" without what precedes the digits; other text as it is.
constexpr std::string_view without_hex_prefix(std::string_view const text) noexcept
{
	return text.starts_with("0x") || text.starts_with("0X") ? text.substr(2) : text;
}

} // namespace rawswarm
