// SPDX-License-Identifier: BSD-3-Clause
// What the program says of itself. tests/toolchain/manual.sh and completion.sh have the pages and
// completions.
#include "tests/support/base/source_tree.hpp"
#include "tests/support/base/temp_dir.hpp"
#include "tests/support/program/rawswarm_program.hpp"

#include <gtest/gtest.h>

#include <regex>
#include <set>

namespace rawswarm::test
{

namespace
{

using words = std::set<std::string>;

words all_matches(std::string const& text, std::regex const& pattern)
{
	return {std::sregex_token_iterator(text.begin(), text.end(), pattern, 1), std::sregex_token_iterator()};
}

std::string output_of(std::vector<std::string> const& arguments)
{
	auto const ended = run_rawswarm(arguments);
	EXPECT_TRUE(exits_with(ended, exit_code::done));
	return ended.out;
}

words commands()
{
	auto const help = output_of({"--help"});
	return all_matches(help.substr(help.find("Subcommands:")), std::regex("\n  ([a-z]+) "));
}

} // namespace

TEST(help, says_what_the_option_says_and_stands_in_no_list)
{
	EXPECT_EQ(output_of({"help"}), output_of({"--help"}));
	EXPECT_FALSE(commands().contains("help"));
	EXPECT_TRUE(exits_with(run_rawswarm({"help", "--completion", "no-shell"}), exit_code::usage));
}

TEST(help, on_a_command_is_what_its_option_says)
{
	for (auto const& command : commands())
	{
		EXPECT_EQ(output_of({"help", command}), output_of({command, "--help"})) << command;
	}
	auto const unknown = run_rawswarm({"help", "no-command"});
	EXPECT_TRUE(exits_with(unknown, exit_code::usage));
	EXPECT_NE(unknown.err.find("unknown command \"no-command\""), std::string::npos) << unknown.err;
}

TEST(help, has_a_page_on_each_command_and_file_by_short_and_full_names)
{
	EXPECT_EQ(output_of({"help", "--man"}), output_of({"help", "rawswarm.8", "--man"}));
	EXPECT_EQ(output_of({"help", "job", "--man"}), output_of({"help", "rawswarm-job.5", "--man"}));
	EXPECT_EQ(output_of({"help", "room", "--man"}), output_of({"help", "rawswarm-room.8", "--man"}));
	EXPECT_EQ(output_of({"help", "room.5", "--man"}), output_of({"help", "rawswarm-room.5", "--man"}));
	EXPECT_NE(output_of({"help", "room.5", "--man"}), output_of({"help", "room", "--man"}));
	EXPECT_TRUE(exits_with(run_rawswarm({"help", "no-page", "--man"}), exit_code::usage));
}

TEST(licenses, are_those_of_the_program_and_of_what_is_in_it)
{
	auto const text = output_of({"--licenses"});
	EXPECT_TRUE(text.starts_with("rawswarm is one static program."));
	EXPECT_NE(text.find(read_file(source_tree() / "LICENSE")), std::string::npos);
	for (auto const* const phrase : {"GNU LESSER GENERAL PUBLIC LICENSE", "GCC RUNTIME LIBRARY EXCEPTION",
			 "Arvid Norberg", "Boost Software License - Version 1.0", "OpenSSL Project", "Jean-loup Gailly"})
	{
		EXPECT_NE(text.find(phrase), std::string::npos) << phrase;
	}
}

} // namespace rawswarm::test
