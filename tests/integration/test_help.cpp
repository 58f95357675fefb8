// SPDX-License-Identifier: BSD-3-Clause
// The manual page and the bash completion, which packages take from the program.
#include "tests/support/base/skip.hpp"
#include "tests/support/base/temp_dir.hpp"
#include "tests/support/program/rawswarm_program.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <regex>
#include <set>
#include <sstream>

namespace rawswarm::test
{

namespace
{

using words = std::set<std::string>;

words lines_of(std::string const& text)
{
	std::istringstream in(text);
	words out;
	for (std::string line; std::getline(in, line);)
	{
		out.insert(line);
	}
	return out;
}

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

words options_in(std::string const& help)
{
	return all_matches(help, std::regex("\n  (?:-[a-z],)?(--[a-z-]+)"));
}

words options_of(std::string const& command)
{
	return options_in(output_of({command, "--help"}));
}

class completion : public ::testing::Test
{
protected:
	completion() { write_file(m_dir / "rawswarm.bash", output_of({"help", "--completion", "bash"})); }

	// The words that bash offers for the last of these, in a folder with the file `some.torrent`.
	words offered(std::vector<std::string> const& line)
	{
		write_file(m_dir / "some.torrent", "");
		auto const script = fmt::format(
			"cd '{}' && . ./rawswarm.bash && COMP_WORDS=('{}') COMP_CWORD={} && _rawswarm {} '{}' '{}'"
			" && printf '%s\\n' \"${{COMPREPLY[@]}}\"",
			m_dir.path().string(), fmt::join(line, "' '"), line.size() - 1, line.front(), line.back(),
			line[line.size() - 2]);
		auto out = lines_of(run_checked({"bash", "-c", script}));
		out.erase("");
		return out;
	}

	temp_dir m_dir;
};

} // namespace

TEST(manual, names_every_command_and_every_option)
{
	auto const page = output_of({"help", "--man"});
	words const known = all_matches(page, std::regex("\n\\.SS ([a-z]+)"));
	EXPECT_EQ(known, commands());
	EXPECT_GE(known.size(), 6u);
	auto const plain = std::regex_replace(page, std::regex("\\\\-"), "-");
	for (auto const& command : known)
	{
		auto section = plain.substr(plain.find("\n.SS " + command + "\n") + 1);
		section = section.substr(0, section.find("\n.S"));
		auto told = all_matches(section, std::regex("\\\\fB(--[a-z-]+)\\\\fR"));
		told.insert("--help"); // listed once
		EXPECT_EQ(told, options_of(command)) << command;
	}
}

TEST(manual, is_roff_that_groff_has_nothing_to_say_about)
{
	SKIP_WITHOUT("groff");
	temp_dir const dir;
	write_file(dir / "rawswarm.1", output_of({"help", "--man"}));
	auto const ended = run({"groff", "-ww", "-man", "-Tascii", dir / "rawswarm.1"});
	EXPECT_EQ(ended.exit_code, 0);
	EXPECT_EQ(ended.err, "");
	EXPECT_NE(ended.out, "");
}

TEST(help, says_what_the_option_says_and_stands_in_no_list)
{
	EXPECT_EQ(output_of({"help"}), output_of({"--help"}));
	EXPECT_FALSE(commands().contains("help"));
	EXPECT_TRUE(exits_with(run_rawswarm({"help", "--completion", "no-shell"}), exit_code::usage));
}

TEST_F(completion, offers_the_commands)
{
	auto expected = commands();
	expected.insert({"-h", "--help", "--version"});
	EXPECT_EQ(offered({"rawswarm", ""}), expected);
	EXPECT_EQ(offered({"rawswarm", "wa"}), words{"watch"});
}

TEST_F(completion, offers_each_commands_own_options)
{
	for (auto const& command : commands())
	{
		EXPECT_EQ(offered({"rawswarm", command, "--"}), options_of(command)) << command;
	}
	EXPECT_EQ(offered({"rawswarm", "run", "--json", "--pe"}), words{"--peer"});
}

TEST_F(completion, offers_files_where_a_file_is_meant_and_nothing_where_text_is)
{
	EXPECT_EQ(offered({"rawswarm", "run", "--torrent", "som"}), words{"some.torrent"});
	EXPECT_EQ(offered({"rawswarm", "seed", "som"}), words{"some.torrent"});
	EXPECT_EQ(offered({"rawswarm", "run", "--peer", "som"}), words{});
}

} // namespace rawswarm::test
