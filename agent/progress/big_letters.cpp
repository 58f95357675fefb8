// SPDX-License-Identifier: BSD-3-Clause
#include "agent/progress/big_letters.hpp"

#include <algorithm>
#include <utility>

namespace rawswarm
{

namespace
{

constexpr std::size_t font_rows = std::tuple_size_v<big_letters>;

constexpr std::string_view full_block = "\u2588";
constexpr std::string_view upper_half = "\u2580";
constexpr std::string_view lower_half = "\u2584";

struct glyph
{
	char of;
	std::string_view pixels; // row by row
};

constexpr std::array glyphs{
	glyph{'A',
		".##."
		"#..#"
		"#..#"
		"####"
		"#..#"
		"#..#"
		"#..#"},
	glyph{'B',
		"###."
		"#..#"
		"#..#"
		"###."
		"#..#"
		"#..#"
		"###."},
	glyph{'C',
		".###"
		"#..."
		"#..."
		"#..."
		"#..."
		"#..."
		".###"},
	glyph{'D',
		"###."
		"#..#"
		"#..#"
		"#..#"
		"#..#"
		"#..#"
		"###."},
	glyph{'E',
		"####"
		"#..."
		"#..."
		"###."
		"#..."
		"#..."
		"####"},
	glyph{'F',
		"####"
		"#..."
		"#..."
		"###."
		"#..."
		"#..."
		"#..."},
	glyph{'G',
		".###"
		"#..."
		"#..."
		"#.##"
		"#..#"
		"#..#"
		".###"},
	glyph{'H',
		"#..#"
		"#..#"
		"#..#"
		"####"
		"#..#"
		"#..#"
		"#..#"},
	glyph{'I',
		"###"
		".#."
		".#."
		".#."
		".#."
		".#."
		"###"},
	glyph{'J',
		"..##"
		"...#"
		"...#"
		"...#"
		"...#"
		"#..#"
		".##."},
	glyph{'K',
		"#..#"
		"#..#"
		"#.#."
		"##.."
		"#.#."
		"#..#"
		"#..#"},
	glyph{'L',
		"#..."
		"#..."
		"#..."
		"#..."
		"#..."
		"#..."
		"####"},
	glyph{'M',
		"#...#"
		"##.##"
		"#.#.#"
		"#.#.#"
		"#...#"
		"#...#"
		"#...#"},
	glyph{'N',
		"#...#"
		"##..#"
		"##..#"
		"#.#.#"
		"#..##"
		"#..##"
		"#...#"},
	glyph{'O',
		".###."
		"#...#"
		"#...#"
		"#...#"
		"#...#"
		"#...#"
		".###."},
	glyph{'P',
		"###."
		"#..#"
		"#..#"
		"###."
		"#..."
		"#..."
		"#..."},
	glyph{'Q',
		".###."
		"#...#"
		"#...#"
		"#...#"
		"#.#.#"
		"#..#."
		".##.#"},
	glyph{'R',
		"###."
		"#..#"
		"#..#"
		"###."
		"#.#."
		"#..#"
		"#..#"},
	glyph{'S',
		".###"
		"#..."
		"#..."
		".##."
		"...#"
		"...#"
		"###."},
	glyph{'T',
		"#####"
		"..#.."
		"..#.."
		"..#.."
		"..#.."
		"..#.."
		"..#.."},
	glyph{'U',
		"#..#"
		"#..#"
		"#..#"
		"#..#"
		"#..#"
		"#..#"
		".##."},
	glyph{'V',
		"#...#"
		"#...#"
		"#...#"
		"#...#"
		"#...#"
		".#.#."
		"..#.."},
	glyph{'W',
		"#...#"
		"#...#"
		"#...#"
		"#.#.#"
		"#.#.#"
		"##.##"
		"#...#"},
	glyph{'X',
		"#...#"
		"#...#"
		".#.#."
		"..#.."
		".#.#."
		"#...#"
		"#...#"},
	glyph{'Y',
		"#...#"
		"#...#"
		".#.#."
		"..#.."
		"..#.."
		"..#.."
		"..#.."},
	glyph{'Z',
		"####"
		"...#"
		"..#."
		"..#."
		".#.."
		"#..."
		"####"},
	glyph{'0',
		".##."
		"#..#"
		"#..#"
		"#..#"
		"#..#"
		"#..#"
		".##."},
	glyph{'1',
		".#."
		"##."
		".#."
		".#."
		".#."
		".#."
		"###"},
	glyph{'2',
		".##."
		"#..#"
		"...#"
		"..#."
		".#.."
		"#..."
		"####"},
	glyph{'3',
		"###."
		"...#"
		"...#"
		".##."
		"...#"
		"...#"
		"###."},
	glyph{'4',
		"#..#"
		"#..#"
		"#..#"
		"####"
		"...#"
		"...#"
		"...#"},
	glyph{'5',
		"####"
		"#..."
		"#..."
		"###."
		"...#"
		"...#"
		"###."},
	glyph{'6',
		".##."
		"#..."
		"#..."
		"###."
		"#..#"
		"#..#"
		".##."},
	glyph{'7',
		"####"
		"...#"
		"...#"
		"..#."
		"..#."
		".#.."
		".#.."},
	glyph{'8',
		".##."
		"#..#"
		"#..#"
		".##."
		"#..#"
		"#..#"
		".##."},
	glyph{'9',
		".##."
		"#..#"
		"#..#"
		".###"
		"...#"
		"...#"
		".##."},
	glyph{':',
		"."
		"."
		"#"
		"."
		"#"
		"."
		"."},
	glyph{'.',
		"."
		"."
		"."
		"."
		"."
		"."
		"#"},
	glyph{'-',
		"..."
		"..."
		"..."
		"###"
		"..."
		"..."
		"..."},
	glyph{'_',
		"...."
		"...."
		"...."
		"...."
		"...."
		"...."
		"####"},
	glyph{' ',
		".."
		".."
		".."
		".."
		".."
		".."
		".."},
	glyph{'?',
		".##."
		"#..#"
		"...#"
		"..#."
		".#.."
		"...."
		".#.."},
};

constexpr char upper_case(char const c)
{
	return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

std::string_view pixels_of(char const c)
{
	auto const found = std::ranges::find(glyphs, upper_case(c), &glyph::of);
	return (found == glyphs.end() ? glyphs.back() : *found).pixels;
}

// A row of characters whose upper halves are the pixels of one row and whose lower halves those of another.
std::string line_of(
	std::string_view const upper, std::string_view const lower, std::size_t const scale, letter_ink const ink)
{
	std::string line;
	std::size_t blanks = 0;
	for (std::size_t i = 0; i < upper.size() * scale; ++i)
	{
		bool const above = upper[i / scale] == '#';
		bool const below = lower[i / scale] == '#';
		if (!above && !below)
		{
			++blanks;
			continue;
		}
		line.append(std::exchange(blanks, 0), ' ');
		if (ink == letter_ink::hashes)
		{
			line += '#';
			continue;
		}
		line += above && below ? full_block : above ? upper_half : lower_half;
	}
	return line;
}

std::size_t halves_of(std::size_t const scale, letter_ink const ink)
{
	return ink == letter_ink::hashes ? scale + scale % 2 : scale;
}

} // namespace

big_letters draw_letters(std::string_view const text)
{
	big_letters rows;
	for (auto const c : text)
	{
		auto const pixels = pixels_of(c);
		auto const width = pixels.size() / font_rows;
		for (std::size_t row = 0; row < font_rows; ++row)
		{
			rows.at(row) += rows.at(row).empty() ? "" : ".";
			rows.at(row) += pixels.substr(row * width, width);
		}
	}
	return rows;
}

std::size_t rows_of(std::size_t const scale, letter_ink const ink)
{
	return (font_rows * halves_of(scale, ink) + 1) / 2;
}

std::vector<std::string> enlarge(big_letters const& letters, std::size_t const scale, letter_ink const ink)
{
	auto const halves = halves_of(scale, ink);
	std::string const nothing(letters.front().size(), '.');
	auto const half = [&](std::size_t const i) -> std::string_view {
		return i < font_rows * halves ? letters.at(i / halves) : nothing;
	};
	std::vector<std::string> lines;
	for (std::size_t row = 0; row < rows_of(scale, ink); ++row)
	{
		lines.push_back(line_of(half(2 * row), half(2 * row + 1), scale, ink));
	}
	return lines;
}

} // namespace rawswarm
