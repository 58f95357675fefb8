// SPDX-License-Identifier: BSD-3-Clause
#include "agent/log/log.hpp"

#include <gtest/gtest.h>
#include <spdlog/details/log_msg.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
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
		log::set_levels({.all = log::level::info, .own = {}});
	}

	void TearDown() override
	{
		log::set_before_line({});
		unsetenv("RAWSWARM_LOG");
		unsetenv("SPDLOG_LEVEL");
		log::set_levels({.all = log::level::info, .own = {}});
	}
};

// One level per component, in their order.
using levels = std::vector<spdlog::level::level_enum>;

levels current()
{
	levels found;
	for (std::size_t i = 0; i < log::component_names.size(); ++i)
	{
		found.push_back(log::get(static_cast<log::component>(i)).level());
	}
	return found;
}

levels all_at(spdlog::level::level_enum const level)
{
	levels all;
	all.assign(log::component_names.size(), level);
	return all;
}

log::level_set parsed(std::string_view const text)
{
	auto const found = log::parse_levels(text);
	EXPECT_TRUE(found) << text;
	return found ? found.value() : log::level_set();
}

std::string formatted(log::line_style style, spdlog::level::level_enum level)
{
	spdlog::memory_buf_t line;
	spdlog::details::log_msg const msg("storage", level, "slow disk");
	log::make_formatter(style)->format(msg, line);
	return {line.data(), line.size()};
}

} // namespace

TEST_F(log_test, every_logger_has_the_name_of_its_component)
{
	EXPECT_EQ(log::get(log::component::agent).name(), "agent");
	EXPECT_EQ(log::get(log::component::swarm).name(), "swarm");
	EXPECT_EQ(log::get(log::component::storage).name(), "storage");
	EXPECT_EQ(log::get(log::component::beacon).name(), "beacon");
	EXPECT_EQ(log::get(log::component::fetch).name(), "fetch");
}

TEST_F(log_test, one_level_is_for_all_components)
{
	log::set_levels(parsed("warn"));
	EXPECT_EQ(current(), all_at(spdlog::level::warn));
	EXPECT_FALSE(log::get(log::component::fetch).should_log(spdlog::level::info));
}

TEST_F(log_test, every_level_is_that_of_spdlog)
{
	using namespace spdlog::level;
	for (auto const& [text, level] : {std::pair("trace", trace), std::pair("debug", debug),
			 std::pair("info", info), std::pair("warn", warn), std::pair("error", err),
			 std::pair("critical", critical), std::pair("off", off)})
	{
		log::set_levels(parsed(text));
		EXPECT_EQ(current(), all_at(level)) << text;
	}
}

TEST_F(log_test, a_component_keeps_its_own_level_whatever_the_order)
{
	using namespace spdlog::level;
	log::set_levels(parsed("storage=debug,error"));
	EXPECT_EQ(current(), (levels{err, err, debug, err, err}));
}

TEST_F(log_test, naming_one_component_leaves_the_others_alone)
{
	using namespace spdlog::level;
	log::set_levels(parsed("swarm=trace"));
	EXPECT_EQ(current(), (levels{info, trace, info, info, info}));
}

TEST_F(log_test, the_first_source_that_is_set_wins)
{
	auto const job = parsed("warn");
	ASSERT_TRUE(log::set_levels_from(""));
	EXPECT_EQ(current(), all_at(spdlog::level::info));
	ASSERT_TRUE(log::set_levels_from("", job));
	EXPECT_EQ(current(), all_at(spdlog::level::warn));
	setenv("SPDLOG_LEVEL", "error", 1);
	ASSERT_TRUE(log::set_levels_from("", job));
	EXPECT_EQ(current(), all_at(spdlog::level::err));
	setenv("RAWSWARM_LOG", "debug", 1);
	ASSERT_TRUE(log::set_levels_from("", job));
	EXPECT_EQ(current(), all_at(spdlog::level::debug));
	ASSERT_TRUE(log::set_levels_from("trace", job));
	EXPECT_EQ(current(), all_at(spdlog::level::trace));
}

TEST_F(log_test, an_empty_variable_is_not_set)
{
	setenv("RAWSWARM_LOG", "", 1);
	setenv("SPDLOG_LEVEL", "error", 1);
	ASSERT_TRUE(log::set_levels_from(""));
	EXPECT_EQ(current(), all_at(spdlog::level::err));
}

TEST_F(log_test, a_bad_source_is_named_and_not_passed_over)
{
	setenv("RAWSWARM_LOG", "debug,disk=info", 1);
	auto const set = log::set_levels_from("", parsed("warn"));
	ASSERT_FALSE(set);
	EXPECT_EQ(set.error().kind, fault::usage);
	EXPECT_TRUE(set.error().text.starts_with("RAWSWARM_LOG: ")) << set.error().text;
	EXPECT_EQ(current(), all_at(spdlog::level::info));
	EXPECT_TRUE(log::set_levels_from("loud").error().text.starts_with("--log: "));
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
	EXPECT_NE(text.find("peer 10.0.0.1 says ?[31mhello??again\n"), std::string::npos) << text;
	EXPECT_EQ(text.find('\x07'), std::string::npos);
	EXPECT_EQ(text.find("not shown"), std::string::npos);
}

TEST_F(log_test, what_a_tracker_says_is_one_line_with_the_priority_of_the_message)
{
	::testing::internal::CaptureStderr();
	log::get(log::component::swarm)
		.info("tracker says \"{}\"",
			"x\"\n[09:00:00.000] [agent] info: /dev/sda: done\r\n<2>agent: "
			"disk\xc2\x85\xe2\x80\xa8\xe2\x80\xae"
			"failed");
	auto const text = ::testing::internal::GetCapturedStderr();
	EXPECT_EQ(std::ranges::count(text, '\n'), 1) << text;
	EXPECT_EQ(text.find('\r'), std::string::npos);
	EXPECT_NE(text.find("/dev/sda: done?"
						"?<2>agent: disk?"
						"?"
						"?failed\"\n"),
		std::string::npos)
		<< text;
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
		threads.emplace_back([i] {
			for (int n = 0; n < 50; ++n)
			{
				log::get(log::component::swarm).info("line {} of {}", n, i);
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

TEST_F(log_test, levels_are_as_they_were_set)
{
	log::set_levels(parsed("warn,fetch=trace"));
	EXPECT_EQ(to_string(log::levels()), "warn,fetch=trace");
}

TEST_F(log_test, line_that_repeats_itself_is_printed_once_and_counted)
{
	auto& swarm = log::get(log::component::swarm);
	::testing::internal::CaptureStderr();
	for (int i = 0; i < 55; ++i)
	{
		swarm.warn("it is banned");
	}
	swarm.info("something else");
	swarm.info("something else");
	log::tell_repeats_that_are_due();
	log::tell_repeats();
	auto const text = ::testing::internal::GetCapturedStderr();
	auto const first = text.find("[swarm] warning: it is banned\n");
	auto const count = text.find("[swarm] warning: ... and 54 more like it\n");
	auto const last = text.find("[swarm] info: something else\n");
	auto const end = text.find("[swarm] info: ... and 1 more like it\n");
	EXPECT_LT(first, count) << text;
	EXPECT_LT(count, last) << text;
	EXPECT_LT(last, end) << text;
	EXPECT_EQ(std::ranges::count(text, '\n'), 4) << text;
}

} // namespace rawswarm
