// SPDX-License-Identifier: BSD-3-Clause
// Small functions for text: characters, blanks, case, words, hexadecimal digits.
//
// ASCII only and no locale: other bytes are not letters, digits or blanks, and are left unchanged. Pure.
// A string_view that is returned points into the argument.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rawswarm
{

inline constexpr std::string_view blanks = " \t\n\v\f\r";

constexpr bool is_digit(char const c) noexcept
{
	return c >= '0' && c <= '9';
}

constexpr bool is_hex_digit(char const c) noexcept
{
	return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

constexpr bool is_letter(char const c) noexcept
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

constexpr bool is_blank(char const c) noexcept
{
	return blanks.find(c) != std::string_view::npos;
}

// Without the padding at both ends.
std::string_view trim(std::string_view text, std::string_view padding = blanks) noexcept;

std::string lower_case(std::string_view text);
bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept;

// The parts between the separators, empty ones included: one more than there are separators.
std::vector<std::string_view> split(std::string_view text, char separator);

// The parts between blanks, never empty.
std::vector<std::string_view> split_words(std::string_view text);

// Two lower-case digits per byte.
std::string to_hex(std::string_view bytes);
std::string to_hex(std::span<unsigned char const> bytes);

// The bytes. Empty if the text is not two digits, of either case, per byte.
std::optional<std::string> from_hex(std::string_view digits);

} // namespace rawswarm
