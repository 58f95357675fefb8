// SPDX-License-Identifier: BSD-3-Clause
#include "agent/progress/failure_screen.hpp"
#include "base/text.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace rawswarm
{

namespace
{

failure_facts failure()
{
	return {5, "pc-07.lab.example", "52:54:00:12:ab:ef",
		"rawswarm: this machine was not imaged: writing /dev/sda at 0x1f400000: Input/output error"};
}

std::vector<std::string> lines_of(failure_facts const& facts, screen_shape const& shape)
{
	std::vector<std::string> lines;
	auto const screen = failure_screen(facts, shape);
	for (auto const line : split(screen, '\n'))
	{
		lines.emplace_back(line);
	}
	lines.pop_back(); // behind the last newline
	return lines;
}

// Characters of UTF-8.
std::size_t columns_of(std::string const& line)
{
	return static_cast<std::size_t>(std::ranges::count_if(
		line, [](char const c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

bool shows(std::vector<std::string> const& lines, std::string const& text, std::size_t const scale,
	letter_ink const ink)
{
	auto const letters = enlarge(draw_letters(text), scale, ink);
	return std::search(lines.begin(), lines.end(), letters.begin(), letters.end()) != lines.end();
}

} // namespace

TEST(failure_screen, shows_code_name_and_address_large_on_80_by_25)
{
	auto const lines = lines_of(failure(), {80, 25, letter_ink::blocks, false});
	EXPECT_TRUE(shows(lines, "FAILED 5", 2, letter_ink::blocks));
	EXPECT_TRUE(shows(lines, "PC-07", 1, letter_ink::blocks));
	EXPECT_TRUE(shows(lines, "52:54:00:12:AB:EF", 1, letter_ink::blocks));
	EXPECT_EQ(lines.back(), failure().text);
	EXPECT_EQ(std::ranges::count(lines, "exit code 5  pc-07  52:54:00:12:ab:ef"), 0) << "large is enough";
}

TEST(failure_screen, of_80_by_25_has_space_for_all_of_it_above_a_reason_of_three_lines)
{
	auto facts = failure();
	facts.text +=
		"; to try again: rawswarm run 'http://10.0.0.1/jobs/52:54:00:12:34:56.json?" + std::string(50, 'x');
	ASSERT_GT(facts.text.size(), 2U * 80);
	auto const lines = lines_of(facts, {80, 25, letter_ink::blocks, false});
	EXPECT_TRUE(shows(lines, "FAILED 5", 2, letter_ink::blocks));
	EXPECT_TRUE(shows(lines, "PC-07", 1, letter_ink::blocks));
	EXPECT_TRUE(shows(lines, facts.mac, 1, letter_ink::blocks));
}

TEST(failure_screen, grows_with_the_screen)
{
	auto const lines = lines_of(failure(), {200, 60, letter_ink::blocks, false});
	EXPECT_TRUE(shows(lines, "FAILED 5", 5, letter_ink::blocks));
	EXPECT_TRUE(shows(lines, "52:54:00:12:AB:EF", 2, letter_ink::blocks));
	EXPECT_GT(lines.size(), 40U);
}

TEST(failure_screen, of_a_serial_line_is_ascii)
{
	auto const screen = failure_screen(failure(), {80, 24, letter_ink::hashes, false});
	EXPECT_TRUE(std::ranges::all_of(screen, [](char const c) { return c == '\n' || (c >= ' ' && c < 127); }))
		<< screen;
	auto const lines = lines_of(failure(), {80, 24, letter_ink::hashes, false});
	EXPECT_TRUE(shows(lines, "FAILED 5", 2, letter_ink::hashes));
	EXPECT_TRUE(shows(lines, "PC-07", 2, letter_ink::hashes) || shows(lines, "PC-07", 1, letter_ink::hashes));
	EXPECT_EQ(lines.at(lines.size() - 2), "exit code 5  pc-07  52:54:00:12:ab:ef")
		<< "the address is not large";
}

TEST(failure_screen, never_scrolls_its_own_top_away_nor_wraps_a_letter)
{
	constexpr std::size_t shell = 6;
	for (auto const ink : {letter_ink::blocks, letter_ink::hashes})
	{
		for (std::size_t columns = 1; columns < 240; columns += 13)
		{
			for (std::size_t rows = 1; rows < 90; rows += 3)
			{
				auto const lines = lines_of(failure(), {columns, rows, ink, false});
				auto const wrapped = lines.back().size() / std::max<std::size_t>(1, columns - 1);
				if (lines.size() > 2) // letters
				{
					EXPECT_LE(lines.size() + wrapped + shell, rows) << columns << "x" << rows;
				}
				for (std::size_t i = 0; i + 2 < lines.size(); ++i)
				{
					EXPECT_LT(columns_of(lines[i]), columns) << columns << "x" << rows;
				}
			}
		}
	}
}

TEST(failure_screen, without_space_is_the_text_alone)
{
	auto const lines = lines_of(failure(), {40, 10, letter_ink::blocks, false});
	ASSERT_EQ(lines.size(), 2U);
	EXPECT_EQ(lines[1], failure().text);
}

TEST(failure_screen, of_a_machine_without_a_name_shows_its_address)
{
	for (auto const* const name : {"", "(none)", "localhost", "localhost.localdomain"})
	{
		auto facts = failure();
		facts.host = name;
		auto const lines = lines_of(facts, {80, 25, letter_ink::blocks, false});
		EXPECT_TRUE(shows(lines, facts.mac, 1, letter_ink::blocks));
	}
}

TEST(failure_screen, cuts_a_name_that_is_too_long_and_cleans_what_comes_from_others)
{
	auto facts = failure();
	facts.host = std::string(64, 'w');
	facts.text = "bad\x1b[2J";
	auto const lines = lines_of(facts, {80, 25, letter_ink::blocks, false});
	EXPECT_TRUE(shows(lines, std::string(13, 'W'), 1, letter_ink::blocks));
	EXPECT_EQ(lines.back(), "bad?[2J");
}

TEST(failure_screen, is_bold_where_the_terminal_may_have_style)
{
	auto const bold = failure_screen(failure(), {80, 25, letter_ink::blocks, true});
	EXPECT_TRUE(bold.starts_with("\x1b[1m"));
	EXPECT_TRUE(bold.ends_with("\x1b[0m"));
	auto const plain = failure_screen(failure(), {80, 25, letter_ink::blocks, false});
	EXPECT_EQ(plain.find('\x1b'), std::string::npos);
}

} // namespace rawswarm
