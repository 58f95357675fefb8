// SPDX-License-Identifier: BSD-3-Clause
#include "base/clean_text.hpp"

#include <algorithm>
#include <cstdint>

namespace rawswarm
{

namespace
{

constexpr std::size_t char_size(unsigned char lead) noexcept
{
	if (lead < 0x80)
	{
		return 1;
	}
	if (lead >= 0xc2 && lead < 0xe0)
	{
		return 2;
	}
	if (lead >= 0xe0 && lead < 0xf0)
	{
		return 3;
	}
	return lead >= 0xf0 && lead < 0xf5 ? 4 : 0;
}

constexpr bool is_continuation(char c) noexcept
{
	return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

struct character
{
	std::size_t size = 0; // bytes; 0: not UTF-8
	std::uint32_t code = 0;
};

// Overlong encodings and surrogates are not UTF-8.
character first_character(std::string_view text) noexcept
{
	auto const lead = static_cast<unsigned char>(text.front());
	auto const size = char_size(lead);
	if (size <= 1)
	{
		return {size, lead};
	}
	if (text.size() < size
		|| !std::all_of(text.begin() + 1, text.begin() + static_cast<std::ptrdiff_t>(size), is_continuation))
	{
		return {};
	}
	std::uint32_t code = lead & (0x7fu >> size);
	for (auto const c : text.substr(1, size - 1))
	{
		code = (code << 6) | (static_cast<unsigned char>(c) & 0x3fu);
	}
	bool const too_long = (size == 3 && code < 0x800) || (size == 4 && code < 0x10000);
	bool const surrogate = code >= 0xd800 && code < 0xe000;
	return too_long || surrogate || code > 0x10ffff ? character{} : character{size, code};
}

constexpr bool is_control(std::uint32_t code) noexcept
{
	return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x2028
		|| code == 0x2029 // line and paragraph separator
		|| code == 0x61c || code == 0x200e || code == 0x200f // direction marks
		|| (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

} // namespace

std::string clean_text(std::string_view text, line_breaks breaks)
{
	std::string clean;
	clean.reserve(text.size());
	while (!text.empty())
	{
		auto const next = first_character(text);
		auto const size = std::max<std::size_t>(next.size, 1);
		bool const kept_break = breaks == line_breaks::keep && (next.code == '\n' || next.code == '\t');
		bool const good = next.size > 0 && (kept_break || !is_control(next.code));
		clean += good ? text.substr(0, size) : std::string_view("?");
		text.remove_prefix(size);
	}
	return clean;
}

std::string cut_text(std::string_view text, std::size_t max_bytes)
{
	if (text.size() <= max_bytes)
	{
		return std::string(text);
	}
	constexpr std::string_view mark = "...";
	if (max_bytes < mark.size())
	{
		return std::string(mark.substr(0, max_bytes));
	}
	auto end = max_bytes - mark.size();
	while (end > 0 && is_continuation(text[end]))
	{
		--end;
	}
	return std::string(text.substr(0, end)).append(mark);
}

std::string printable(std::string_view text)
{
	return cut_text(clean_text(text), max_printed_bytes);
}

bool has_control_characters(std::string_view text)
{
	return std::ranges::any_of(
		text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

} // namespace rawswarm
