// SPDX-License-Identifier: BSD-3-Clause
#include "agent/watch/text_columns.hpp"

#include "base/clean_text.hpp"

#include <algorithm>

#include <unistr.h>
#include <uniwidth.h>

namespace rawswarm
{

namespace
{

constexpr std::string_view cut_mark = "..";

struct measured
{
	std::string text; // without what has no width
	std::size_t columns = 0;
};

// At most max_columns of text that is clean.
measured take_columns(std::string_view const clean, std::size_t const max_columns)
{
	measured m;
	auto const* at = reinterpret_cast<std::uint8_t const*>(clean.data());
	auto const* const end = at + clean.size();
	while (at != end)
	{
		ucs4_t code = 0;
		auto const size = std::max(::u8_mbtouc(&code, at, static_cast<std::size_t>(end - at)), 1);
		auto const width = static_cast<std::size_t>(std::max(::uc_width(code, "UTF-8"), 0));
		if (m.columns + width > max_columns)
		{
			break;
		}
		if (width > 0)
		{
			m.text.append(reinterpret_cast<char const*>(at), static_cast<std::size_t>(size));
			m.columns += width;
		}
		at += size;
	}
	return m;
}

measured cut_measured(std::string_view const text, std::size_t const columns)
{
	auto const clean = clean_text(text);
	// A character has two columns at most: what ends before these two ended by itself.
	if (auto whole = take_columns(clean, columns + 2); whole.columns <= columns)
	{
		return whole;
	}
	if (columns <= cut_mark.size())
	{
		return take_columns(clean, columns);
	}
	auto m = take_columns(clean, columns - cut_mark.size());
	m.text += cut_mark;
	m.columns += cut_mark.size();
	return m;
}

} // namespace

std::string in_columns(std::string_view const text, std::size_t const columns)
{
	auto m = cut_measured(text, columns);
	return m.text.append(columns - m.columns, ' ');
}

std::string at_right(std::string_view const text, std::size_t const columns)
{
	auto const m = cut_measured(text, columns);
	return std::string(columns - m.columns, ' ') + m.text;
}

std::string cut_to_columns(std::string_view const text, std::size_t const columns)
{
	return cut_measured(text, columns).text;
}

std::size_t columns_of(std::string_view const text)
{
	auto const clean = clean_text(text);
	return take_columns(clean, clean.size() * 2).columns;
}

} // namespace rawswarm
