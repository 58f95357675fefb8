// SPDX-License-Identifier: BSD-3-Clause
#include "base/bytes.hpp"
#include "base/exit_codes.hpp"
#include "base/parse_number.hpp"
#include "base/read_file.hpp"
#include "base/text.hpp"
#include "tests/support/base/source_tree.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <map>
#include <set>
#include <string>
#include <string_view>

namespace rawswarm
{
namespace
{

std::string document(std::string const& name)
{
	auto text = read_file((test::source_tree() / name).string(), 1_MiB);
	EXPECT_TRUE(text) << text.error().text;
	return text ? text.value() : std::string();
}

std::set<int> known_codes()
{
	std::set<int> codes;
	for (auto const& entry : exit_meanings)
	{
		codes.insert(entry.code);
	}
	return codes;
}

TEST(exit_codes, stand_in_the_table_once_and_in_order)
{
	EXPECT_TRUE(std::ranges::is_sorted(exit_meanings, {}, &exit_meaning::code));
	EXPECT_EQ(known_codes().size(), exit_meanings.size());
}

TEST(exit_codes, of_signals_are_those_of_a_shell)
{
	EXPECT_EQ(exit_code::interrupted, 128 + SIGINT);
	EXPECT_EQ(exit_code::terminated, 128 + SIGTERM);
}

// Rows of "| 4 | target missing, ... |"; the last has two codes.
TEST(exit_codes, in_the_specification_are_those_of_the_program_and_mean_the_same)
{
	auto const text = document("docs/spec.md");
	auto const begin = text.find("## Exit codes\n");
	ASSERT_NE(begin, std::string::npos);
	auto const section = text.substr(begin, text.find("\n## ", begin) - begin);
	std::set<int> codes;
	std::map<int, std::string_view> meanings;
	for (auto const line : split(section, '\n'))
	{
		auto const cells = split(line, '|');
		if (cells.size() != 4)
		{
			continue;
		}
		for (auto const number : split(cells[1], ','))
		{
			if (auto const code = parse_number<int>(trim(number)))
			{
				codes.insert(*code);
				meanings.emplace(*code, trim(cells[2]));
			}
		}
	}
	EXPECT_EQ(codes, known_codes());
	for (auto const& [code, meaning] : exit_meanings)
	{
		if (code < exit_code::first_signal)
		{
			EXPECT_EQ(meanings[code], meaning) << code;
		}
	}
}

// "Exit codes: 0 done, 2 command line, ..., 130 and 143 stopped by a signal after an orderly flush."
TEST(exit_codes, in_the_readme_are_those_of_the_program)
{
	auto const text = document("README.md");
	auto const begin = text.find("Exit codes: ");
	ASSERT_NE(begin, std::string::npos);
	auto const sentence = text.substr(begin, text.find("\n\n", begin) - begin);
	std::set<int> codes;
	for (auto const word : split_words(sentence))
	{
		if (auto const code = parse_number<int>(word))
		{
			codes.insert(*code);
		}
	}
	auto expected = known_codes();
	expected.erase(exit_code::internal); // a bug: nothing that a user plans for
	EXPECT_EQ(codes, expected);
}

} // namespace
} // namespace rawswarm
