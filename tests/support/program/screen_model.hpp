// SPDX-License-Identifier: BSD-3-Clause
// What a person sees of the bytes that a program writes to a terminal: the cells of the screen, by the few
// control sequences that a table needs. Others are counted, so that a test can refuse them. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace rawswarm::test
{

class screen_model
{
public:
	screen_model(std::size_t rows, std::size_t columns);

	void write(std::string_view bytes);
	void resize(std::size_t rows, std::size_t columns);

	// Without the blanks at their ends.
	std::vector<std::string> lines() const;
	std::string text() const; // the lines, each with a newline
	bool shows(std::string_view text) const;

	bool is_second_screen() const { return m_second; }
	bool has_cursor() const { return m_cursor; }
	bool wraps() const { return m_wraps; }
	bool is_whole() const { return !m_updating; } // not in the midst of a synchronized update
	std::size_t colours() const { return m_colours; } // sequences that set one
	std::size_t unknown() const { return m_unknown; }
	std::size_t too_wide() const { return m_too_wide; } // characters behind the last column

private:
	using cells = std::vector<std::vector<std::string>>;

	struct place
	{
		std::size_t row = 0;
		std::size_t column = 0;
	};

	static cells blank(std::size_t rows, std::size_t columns);
	std::size_t take(std::string_view bytes);
	void control(std::string_view parameters, char final);
	void mode(std::string_view parameters, bool on);
	void put(std::string_view character);
	void new_line();

	std::size_t m_rows;
	std::size_t m_columns;
	cells m_cells;
	cells m_first; // kept while the second is shown
	place m_cursor_at;
	place m_first_cursor; // kept as m_first is
	bool m_second = false;
	bool m_cursor = true;
	bool m_wraps = true;
	bool m_updating = false;
	std::size_t m_colours = 0;
	std::size_t m_unknown = 0;
	std::size_t m_too_wide = 0;
	std::string m_rest; // of a sequence that has not ended yet
};

} // namespace rawswarm::test
