// SPDX-License-Identifier: BSD-3-Clause
#include "agent/progress/failure_screen.hpp"

#include "base/clean_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <vector>

namespace rawswarm
{

namespace
{

// Rows that follow: busybox's greeting and its prompt.
constexpr std::size_t rows_of_shell = 6;

constexpr std::size_t most_scale = 8; // 28 rows

struct sign
{
	std::string text;
	std::size_t weight = 1; // its scale, in times of the others'
};

std::string known_name(std::string const& host)
{
	auto const name = clean_text(host.substr(0, host.find('.')));
	return name == "(none)" || name == "localhost" ? std::string() : name;
}

std::size_t width_of(std::string const& text)
{
	return draw_letters(text).front().size();
}

// The beginning that fits at the smallest scale. ASCII: what is not has one question mark per byte.
std::string cut_to(std::string text, std::size_t const columns)
{
	while (width_of(text) > columns)
	{
		text.pop_back();
	}
	return text;
}

std::size_t scale_of(sign const& s, std::size_t const scale, std::size_t const columns)
{
	return std::min(scale * s.weight, columns / std::max<std::size_t>(1, width_of(s.text)));
}

// Between two signs lies a row, unless the last one of the first is half empty.
std::size_t rows_between(std::size_t const scale, letter_ink const ink)
{
	return ink == letter_ink::hashes || scale % 2 == 0 ? 1 : 0;
}

std::size_t height_of(
	std::vector<sign> const& signs, std::size_t const scale, std::size_t const columns, letter_ink const ink)
{
	std::size_t rows = 0;
	std::size_t between = 0;
	for (auto const& s : signs)
	{
		auto const own = scale_of(s, scale, columns);
		rows += between + rows_of(own, ink);
		between = rows_between(own, ink);
	}
	return rows;
}

// The largest at which all of them fit.
std::optional<std::size_t> largest_scale_of(
	std::vector<sign> const& signs, std::size_t const columns, std::size_t const rows, letter_ink const ink)
{
	bool const is_wide_enough =
		std::ranges::all_of(signs, [&](sign const& s) { return scale_of(s, 1, columns) > 0; });
	for (auto scale = most_scale; is_wide_enough && scale > 0; --scale)
	{
		if (height_of(signs, scale, columns, ink) <= rows)
		{
			return scale;
		}
	}
	return {};
}

// The signs that fit, and their scale. The last are given up first, and before that the weight of the first.
std::size_t choose(
	std::vector<sign>& signs, std::size_t const columns, std::size_t const rows, letter_ink const ink)
{
	for (; !signs.empty(); signs.pop_back())
	{
		for (std::size_t const weight : {2U, 1U})
		{
			signs.front().weight = weight;
			if (auto const scale = largest_scale_of(signs, columns, rows, ink))
			{
				return *scale;
			}
		}
	}
	return 0;
}

// All that may be large, cut to the width.
std::vector<sign> signs_of(failure_facts const& facts, std::size_t const columns)
{
	std::vector<sign> signs{{fmt::format("FAILED {}", facts.exit_code), 2}};
	for (auto const& text : {known_name(facts.host), clean_text(facts.mac)})
	{
		if (auto cut = cut_to(text, columns); !cut.empty())
		{
			signs.push_back({std::move(cut)});
		}
	}
	return signs;
}

bool are_whole(std::vector<sign> const& signs, failure_facts const& facts)
{
	auto const has = [&](std::string const& text) {
		return text.empty() || std::ranges::find(signs, text, &sign::text) != signs.end();
	};
	return has(known_name(facts.host)) && has(clean_text(facts.mac));
}

std::string small_line(failure_facts const& facts)
{
	auto line = fmt::format("exit code {}", facts.exit_code);
	for (auto const& part : {known_name(facts.host), clean_text(facts.mac)})
	{
		line += part.empty() ? "" : "  " + part;
	}
	return line;
}

std::string draw(
	std::vector<sign> const& signs, std::size_t const scale, std::size_t const columns, letter_ink const ink)
{
	std::string screen;
	std::size_t between = 0;
	for (auto const& s : signs)
	{
		screen.append(between, '\n');
		auto const own = scale_of(s, scale, columns);
		for (auto const& line : enlarge(draw_letters(s.text), own, ink))
		{
			screen += line + "\n";
		}
		between = rows_between(own, ink);
	}
	return screen;
}

} // namespace

std::string failure_screen(failure_facts const& facts, screen_shape const& shape)
{
	auto const columns = shape.columns - std::min<std::size_t>(shape.columns, 1); // some wrap at the last
	auto const below = clean_text(facts.text);
	auto const rows_below = below.size() / std::max<std::size_t>(1, columns) + 1 + rows_of_shell;
	auto const rows = shape.rows - std::min(shape.rows, rows_below);
	auto signs = signs_of(facts, columns);
	auto scale = choose(signs, columns, rows, shape.ink);
	std::string small;
	if (!are_whole(signs, facts)) // what is not large takes a row
	{
		small = cut_text(small_line(facts), columns) + "\n";
		signs = signs_of(facts, columns);
		scale = choose(signs, columns, rows - std::min<std::size_t>(rows, 1), shape.ink);
	}
	auto const screen = draw(signs, scale, columns, shape.ink) + small + below + "\n";
	return shape.has_style ? fmt::format("\x1b[1m{}\x1b[0m", screen) : screen;
}

} // namespace rawswarm
