// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/guard_report.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace rawswarm
{
namespace
{

using words = std::vector<std::string>;

words const kexec{"kexec", "-e", "", "with blanks and s and e"};

TEST(guard_report, arrives_as_it_was_sent_in_pieces_of_any_size)
{
	auto const bytes = signals_report(kexec) + end_report({6, end_action::exec});
	for (std::size_t step = 1; step <= bytes.size(); ++step)
	{
		guard_report report;
		for (std::size_t at = 0; at < bytes.size(); at += step)
		{
			EXPECT_FALSE(report.end());
			report.add(bytes.substr(at, step));
			EXPECT_TRUE(report.takes_signals());
		}
		EXPECT_EQ(report.words(), kexec);
		ASSERT_TRUE(report.end());
		EXPECT_EQ(report.end()->exit_code, 6);
		EXPECT_EQ(report.end()->action, end_action::exec);
	}
}

TEST(guard_report, of_an_end_alone_has_no_program_and_takes_no_signals)
{
	guard_report report;
	report.add(end_report({143, end_action::proceed}));
	EXPECT_FALSE(report.takes_signals());
	EXPECT_TRUE(report.words().empty());
	ASSERT_TRUE(report.end());
	EXPECT_EQ(report.end()->exit_code, 143);
}

TEST(guard_report, takes_no_other_program_than_the_first)
{
	guard_report report;
	report.add(signals_report({}));
	report.add(signals_report(kexec));
	report.add(end_report({0, end_action::exec}));
	EXPECT_TRUE(report.words().empty());
	EXPECT_FALSE(report.end()) << "what does not keep the order means nothing";

	guard_report late;
	late.add(end_report({0, end_action::exec}));
	late.add(signals_report(kexec));
	EXPECT_TRUE(late.words().empty());
}

TEST(guard_report, is_not_kept_beyond_what_a_report_can_be)
{
	std::string const much(std::size_t(1024) * 1024, 'x');
	guard_report endless_word;
	endless_word.add(std::string("s1\0", 3));
	guard_report many_words;
	many_words.add(std::string("s1000000\0", 9));
	guard_report garbage;
	guard_report ended;
	ended.add(end_report({0, end_action::proceed}));
	guard_report number;
	number.add("e");
	for (int i = 0; i < 8; ++i)
	{
		endless_word.add(much);
		many_words.add(std::string(much.size(), '\0'));
		garbage.add(much);
		ended.add(much);
		number.add(much);
	}
	for (auto const* const report : {&endless_word, &many_words, &garbage, &ended, &number})
	{
		EXPECT_LE(report->kept(), guard_report::max_bytes);
		EXPECT_TRUE(report->words().empty());
	}
	ASSERT_TRUE(ended.end());
	EXPECT_EQ(ended.end()->exit_code, 0);
	EXPECT_TRUE(ended.is_over() && garbage.is_over() && number.is_over());
}

TEST(guard_report, of_more_words_than_any_has_is_given_up_at_once)
{
	guard_report report;
	report.add("s1025");
	EXPECT_FALSE(report.is_over());
	report.add(std::string("\0x\0", 3));
	EXPECT_TRUE(report.is_over());
	EXPECT_TRUE(report.takes_signals());
	EXPECT_EQ(report.kept(), 0U);

	guard_report longest;
	longest.add(signals_report(std::vector<std::string>(guard_report::max_words, "x")));
	EXPECT_EQ(std::ssize(longest.words()), guard_report::max_words);
	EXPECT_FALSE(longest.is_over());
}

TEST(guard_report, that_became_too_long_means_nothing_from_then_on)
{
	guard_report report;
	report.add("s2");
	report.add(std::string(1, '\0'));
	report.add(std::string(guard_report::max_bytes, 'x'));
	report.add(std::string("\0y\0", 3) + end_report({0, end_action::exec}));
	EXPECT_TRUE(report.takes_signals());
	EXPECT_TRUE(report.words().empty());
	EXPECT_FALSE(report.end());
}

TEST(guard_report, of_garbage_means_nothing)
{
	guard_report report;
	report.add(std::string("\xff\0e0\0003\0", 7));
	EXPECT_FALSE(report.end());
	EXPECT_TRUE(report.words().empty());
}

} // namespace
} // namespace rawswarm
