// SPDX-License-Identifier: BSD-3-Clause
#include "base/text.hpp"

#include "base/parse_number.hpp"

#include <algorithm>
#include <cstddef>

namespace rawswarm
{

namespace
{

constexpr char lower(char const c) noexcept
{
	return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

} // namespace

std::string_view trim(std::string_view const text, std::string_view const padding) noexcept
{
	auto const first = text.find_first_not_of(padding);
	return first == std::string_view::npos ? std::string_view()
										   : text.substr(first, text.find_last_not_of(padding) - first + 1);
}

std::string lower_case(std::string_view const text)
{
	std::string result(text);
	std::ranges::transform(result, result.begin(), lower);
	return result;
}

bool equal_ignoring_case(std::string_view const a, std::string_view const b) noexcept
{
	return std::ranges::equal(a, b, {}, lower, lower);
}

std::vector<std::string_view> split(std::string_view text, char const separator)
{
	std::vector<std::string_view> parts;
	for (;;)
	{
		auto const end = text.find(separator);
		parts.push_back(text.substr(0, end));
		if (end == std::string_view::npos)
		{
			return parts;
		}
		text.remove_prefix(end + 1);
	}
}

std::vector<std::string_view> split_words(std::string_view text)
{
	std::vector<std::string_view> words;
	for (text = trim(text); !text.empty(); text = trim(text))
	{
		auto const end = std::min(text.find_first_of(blanks), text.size());
		words.push_back(text.substr(0, end));
		text.remove_prefix(end);
	}
	return words;
}

std::string to_hex(std::string_view const bytes)
{
	constexpr std::string_view digits = "0123456789abcdef";
	std::string hex;
	hex.reserve(bytes.size() * 2);
	for (auto const c : bytes)
	{
		auto const byte = static_cast<unsigned char>(c);
		hex += digits[byte >> 4];
		hex += digits[byte & 0xf];
	}
	return hex;
}

std::string to_hex(std::span<unsigned char const> const bytes)
{
	return to_hex({reinterpret_cast<char const*>(bytes.data()), bytes.size()});
}

std::optional<std::string> from_hex(std::string_view const digits)
{
	if (digits.size() % 2 != 0)
	{
		return {};
	}
	std::string bytes;
	bytes.reserve(digits.size() / 2);
	for (std::size_t i = 0; i < digits.size(); i += 2)
	{
		auto const byte = parse_number<unsigned char>(digits.substr(i, 2), 16);
		if (!byte)
		{
			return {};
		}
		bytes += static_cast<char>(*byte);
	}
	return bytes;
}

} // namespace rawswarm
