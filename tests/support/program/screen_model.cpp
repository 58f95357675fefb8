// SPDX-License-Identifier: BSD-3-Clause
#include "tests/support/program/screen_model.hpp"

#include <algorithm>
#include <cstdlib>

namespace rawswarm::test
{

namespace
{

std::size_t character_size(char const lead)
{
	auto const c = static_cast<unsigned char>(lead);
	return c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}

// Enough for the texts of the tests.
std::size_t width_of(std::string_view const character)
{
	bool const is_mark = character.starts_with("\xcc");
	bool const is_wide =
		character.size() == 4 || (character.size() == 3 && static_cast<unsigned char>(character[0]) >= 0xe3);
	return is_mark ? 0 : is_wide ? 2 : 1;
}

} // namespace

screen_model::cells screen_model::blank(std::size_t const rows, std::size_t const columns)
{
	return {rows, std::vector<std::string>(columns, " ")};
}

screen_model::screen_model(std::size_t const rows, std::size_t const columns)
	: m_rows(rows)
	, m_columns(columns)
	, m_cells(blank(rows, columns))
	, m_first(m_cells)
{}

void screen_model::resize(std::size_t const rows, std::size_t const columns)
{
	m_rows = rows;
	m_columns = columns;
	for (auto* all : {&m_cells, &m_first})
	{
		all->resize(rows);
		for (auto& line : *all)
		{
			line.resize(columns, " ");
		}
	}
	m_cursor_at.row = std::min(m_cursor_at.row, rows - 1);
	m_cursor_at.column = std::min(m_cursor_at.column, columns - 1);
}

void screen_model::write(std::string_view const bytes)
{
	m_rest += bytes;
	std::string_view left = m_rest;
	while (!left.empty())
	{
		auto const taken = take(left);
		if (taken == 0)
		{
			break;
		}
		left.remove_prefix(taken);
	}
	m_rest = std::string(left);
}

// How many bytes it took; 0: more have to come.
std::size_t screen_model::take(std::string_view const bytes)
{
	switch (bytes[0])
	{
	case '\r': m_cursor_at.column = 0; return 1;
	case '\n': new_line(); return 1;
	case '\x1b': break;
	default:
	{
		auto const size = character_size(bytes[0]);
		if (bytes.size() < size)
		{
			return 0;
		}
		if (static_cast<unsigned char>(bytes[0]) < 0x20)
		{
			++m_unknown;
		}
		else
		{
			put(bytes.substr(0, size));
		}
		return size;
	}
	}
	if (bytes.size() < 2)
	{
		return 0;
	}
	if (bytes[1] != '[')
	{
		++m_unknown;
		return 2;
	}
	auto const last =
		std::find_if(bytes.begin() + 2, bytes.end(), [](char c) { return c >= '@' && c <= '~'; });
	if (last == bytes.end())
	{
		return 0;
	}
	auto const size = static_cast<std::size_t>(last - bytes.begin()) + 1;
	control(bytes.substr(2, size - 3), *last);
	return size;
}

void screen_model::control(std::string_view const parameters, char const final)
{
	auto const erase = [&](std::size_t row, std::size_t from) {
		std::fill(m_cells[row].begin() + static_cast<std::ptrdiff_t>(std::min(from, m_columns)),
			m_cells[row].end(), " ");
	};
	std::string const text(parameters);
	switch (final)
	{
	case 'H':
	{
		auto const semicolon = text.find(';');
		auto const row = std::strtoul(text.c_str(), nullptr, 10);
		auto const column =
			semicolon == std::string::npos ? 1UL : std::strtoul(text.c_str() + semicolon + 1, nullptr, 10);
		m_cursor_at.row = std::min(std::max<std::size_t>(row, 1), m_rows) - 1;
		m_cursor_at.column = std::min(std::max<std::size_t>(column, 1), m_columns) - 1;
		return;
	}
	case 'J':
		for (auto row = text == "2" ? std::size_t(0) : m_cursor_at.row; row < m_rows; ++row)
		{
			erase(row, row == m_cursor_at.row && text != "2" ? m_cursor_at.column : std::size_t(0));
		}
		return;
	case 'K': erase(m_cursor_at.row, m_cursor_at.column); return;
	case 'm':
		if (!text.empty() && text != "0")
		{
			++m_colours;
		}
		return;
	case 'h':
	case 'l': mode(parameters, final == 'h'); return;
	default: ++m_unknown;
	}
}

void screen_model::mode(std::string_view const parameters, bool const on)
{
	if (parameters == "?1049")
	{
		if (on != m_second)
		{
			std::swap(m_cells, m_first);
			m_cells = on ? blank(m_rows, m_columns) : m_cells;
			(on ? m_first_cursor : m_cursor_at) = on ? m_cursor_at : m_first_cursor;
			m_second = on;
		}
	}
	else if (parameters == "?25")
	{
		m_cursor = on;
	}
	else if (parameters == "?7")
	{
		m_wraps = on;
	}
	else if (parameters == "?2026")
	{
		m_updating = on;
	}
	else
	{
		++m_unknown;
	}
}

void screen_model::put(std::string_view const character)
{
	auto const width = width_of(character);
	if (m_cursor_at.column + width > m_columns)
	{
		++m_too_wide;
		if (!m_wraps)
		{
			return;
		}
		m_cursor_at.column = 0;
		new_line();
	}
	if (width > 0)
	{
		m_cells[m_cursor_at.row][m_cursor_at.column] = character;
		m_cursor_at.column += width;
	}
	if (width == 2)
	{
		m_cells[m_cursor_at.row][m_cursor_at.column - 1].clear();
	}
}

void screen_model::new_line()
{
	if (++m_cursor_at.row == m_rows)
	{
		m_cells.erase(m_cells.begin());
		m_cells.emplace_back(m_columns, " ");
		--m_cursor_at.row;
	}
}

std::vector<std::string> screen_model::lines() const
{
	std::vector<std::string> all;
	for (auto const& row : m_cells)
	{
		std::string line;
		for (auto const& cell : row)
		{
			line += cell;
		}
		line.erase(line.find_last_not_of(' ') + 1);
		all.push_back(std::move(line));
	}
	return all;
}

std::string screen_model::text() const
{
	std::string all;
	for (auto const& line : lines())
	{
		all += line + "\n";
	}
	return all;
}

bool screen_model::shows(std::string_view const text) const
{
	return this->text().find(text) != std::string::npos;
}

} // namespace rawswarm::test
