// SPDX-License-Identifier: BSD-3-Clause
#include "agent/log/log.hpp"

#include <gtest/gtest.h>
#include <spdlog/details/log_msg.h>

#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

namespace rawswarm
{

namespace
{

// Every test leaves the levels and the environment as they were.
class log_test : public ::testing::Test
{
protected:
	void SetUp() override
	{
		log::setup();
		unsetenv("RAWSWARM_LOG");
		unsetenv("SPDLOG_LEVEL");
		ASSERT_TRUE(log::set_levels("info"));
	}

	void TearDown() override
	{
		log::set_before_line({});
		unsetenv("RAWSWARM_LOG");
		unsetenv("SPDLOG_LEVEL");
		EXPECT_TRUE(log::set_levels("info"));
	}
};

std::string all_at(std::string const& level)
{
	return "agent=" + level + ",swarm=" + level + ",storage=" + level + ",beacon=" + level
		+ ",fetch=" + level;
}

std::string formatted(log::line_style style, spdlog::level::level_enum level)
{
	spdlog::memory_buf_t line;
	spdlog::details::log_msg const msg("storage", level, "slow disk");
	log::make_formatter(style)->format(msg, line);
	return {line.data(), line.size()};
}

} // namespace

TEST_F(log_test, everything_starts_at_info)
{
	EXPECT_EQ(log::levels(), all_at("info"));
}

TEST_F(log_test, one_level_is_for_all_components)
{
	ASSERT_TRUE(log::set_levels("warn"));
	EXPECT_EQ(log::levels(), all_at("warn"));
	EXPECT_FALSE(log::get(log::component::fetch).should_log(spdlog::level::info));
}

TEST_F(log_test, a_component_keeps_its_own_level_whatever_the_order)
{
	ASSERT_TRUE(log::set_levels("storage=debug,error"));
	EXPECT_EQ(log::levels(), "agent=error,swarm=error,storage=debug,beacon=error,fetch=error");
}

TEST_F(log_test, naming_one_component_leaves_the_others_alone)
{
	ASSERT_TRUE(log::set_levels("swarm=trace"));
	EXPECT_EQ(log::levels(), "agent=info,swarm=trace,storage=info,beacon=info,fetch=info");
}

TEST_F(log_test, names_are_taken_in_any_case_and_with_blanks)
{
	ASSERT_TRUE(log::set_levels(" Warning , STORAGE = Err"));
	EXPECT_EQ(log::levels(), "agent=warn,swarm=warn,storage=error,beacon=warn,fetch=warn");
}

TEST_F(log_test, what_levels_gives_can_be_set_again)
{
	ASSERT_TRUE(log::set_levels("off,agent=critical,beacon=trace"));
	auto const text = log::levels();
	ASSERT_TRUE(log::set_levels("info"));
	ASSERT_TRUE(log::set_levels(text));
	EXPECT_EQ(log::levels(), text);
}

TEST_F(log_test, a_malformed_specification_changes_nothing)
{
	for (auto const* text : {"", "debug,", "loud", "debug,storage=loud", "debug,disk=info",
			 "debug,storage=", "storage=debug=info", "debug,=info"})
	{
		auto const set = log::set_levels(text);
		ASSERT_FALSE(set) << text;
		EXPECT_EQ(set.error().kind, fault::usage) << text;
		EXPECT_EQ(log::levels(), all_at("info")) << text;
	}
}

TEST_F(log_test, the_error_names_what_is_wrong)
{
	EXPECT_NE(log::set_levels("debug,disk=info").error().text.find("\"disk\""), std::string::npos);
	EXPECT_NE(log::set_levels("debug,agent=loud").error().text.find("\"loud\""), std::string::npos);
}

TEST_F(log_test, the_first_source_that_is_set_wins)
{
	ASSERT_TRUE(log::set_levels_from("", ""));
	EXPECT_EQ(log::levels(), all_at("info"));
	ASSERT_TRUE(log::set_levels_from("", "warn"));
	EXPECT_EQ(log::levels(), all_at("warn"));
	setenv("SPDLOG_LEVEL", "error", 1);
	ASSERT_TRUE(log::set_levels_from("", "warn"));
	EXPECT_EQ(log::levels(), all_at("error"));
	setenv("RAWSWARM_LOG", "debug", 1);
	ASSERT_TRUE(log::set_levels_from("", "warn"));
	EXPECT_EQ(log::levels(), all_at("debug"));
	ASSERT_TRUE(log::set_levels_from("trace", "warn"));
	EXPECT_EQ(log::levels(), all_at("trace"));
}

TEST_F(log_test, a_bad_source_is_named_and_not_passed_over)
{
	setenv("RAWSWARM_LOG", "loud", 1);
	auto const set = log::set_levels_from("", "warn");
	ASSERT_FALSE(set);
	EXPECT_EQ(set.error().text.rfind("RAWSWARM_LOG: ", 0), 0u);
	EXPECT_EQ(log::levels(), all_at("info"));
}

TEST(log_style, a_terminal_gets_colour_and_the_journal_priorities)
{
	EXPECT_EQ(log::choose_style(true, false, nullptr), log::line_style::terminal);
	EXPECT_EQ(log::choose_style(true, false, "8:1234"), log::line_style::terminal);
	EXPECT_EQ(log::choose_style(false, false, "8:1234"), log::line_style::priority);
	EXPECT_EQ(log::choose_style(false, true, nullptr), log::line_style::priority);
	EXPECT_EQ(log::choose_style(false, false, ""), log::line_style::pipe);
	EXPECT_EQ(log::choose_style(false, false, nullptr), log::line_style::pipe);
}

TEST(log_style, a_priority_line_begins_with_the_number_of_syslog)
{
	using namespace spdlog::level;
	EXPECT_EQ(formatted(log::line_style::priority, critical), "<2>storage: slow disk\n");
	EXPECT_EQ(formatted(log::line_style::priority, err), "<3>storage: slow disk\n");
	EXPECT_EQ(formatted(log::line_style::priority, warn), "<4>storage: slow disk\n");
	EXPECT_EQ(formatted(log::line_style::priority, info), "<6>storage: slow disk\n");
	EXPECT_EQ(formatted(log::line_style::priority, debug), "<7>storage: slow disk\n");
	EXPECT_EQ(formatted(log::line_style::priority, trace), "<7>storage: slow disk\n");
}

TEST(log_style, a_plain_line_has_time_component_and_level)
{
	auto const line = formatted(log::line_style::pipe, spdlog::level::info);
	ASSERT_EQ(line.size(), std::string("[00:00:00.000] [storage] info: slow disk\n").size());
	EXPECT_EQ(line.substr(14), " [storage] info: slow disk\n");
	EXPECT_EQ(line[0], '[');
	EXPECT_EQ(line[9], '.');
}

TEST_F(log_test, lines_go_to_standard_error_without_escape_sequences)
{
	::testing::internal::CaptureStderr();
	log::get(log::component::swarm).info("peer {} says {}", "10.0.0.1", "\x1b[31mhello\x07\nagain");
	log::get(log::component::swarm).debug("not shown");
	auto const text = ::testing::internal::GetCapturedStderr();
	EXPECT_NE(text.find("peer 10.0.0.1 says ?[31mhello?\nagain\n"), std::string::npos) << text;
	EXPECT_EQ(text.find('\x07'), std::string::npos);
	EXPECT_EQ(text.find("not shown"), std::string::npos);
}

TEST_F(log_test, the_hook_runs_before_each_line_and_only_for_lines_that_are_written)
{
	int calls = 0;
	log::set_before_line([&] { ++calls; });
	::testing::internal::CaptureStderr();
	log::get(log::component::agent).info("one");
	log::get(log::component::fetch).info("two");
	log::get(log::component::fetch).debug("three");
	log::set_before_line({});
	log::get(log::component::agent).info("four");
	::testing::internal::GetCapturedStderr();
	EXPECT_EQ(calls, 2);
}

TEST_F(log_test, the_hook_runs_with_the_output_locked)
{
	// Not atomic on purpose: a sanitizer sees it when the lock is missing.
	int calls = 0;
	log::set_before_line([&] { ++calls; });
	::testing::internal::CaptureStderr();
	std::vector<std::thread> threads;
	for (int i = 0; i < 4; ++i)
	{
		threads.emplace_back([] {
			for (int n = 0; n < 50; ++n)
			{
				log::get(log::component::swarm).info("line {}", n);
			}
		});
	}
	for (auto& t : threads)
	{
		t.join();
	}
	::testing::internal::GetCapturedStderr();
	EXPECT_EQ(calls, 200);
}

} // namespace rawswarm
