// SPDX-License-Identifier: BSD-3-Clause
#include "agent/log/repeated_lines.hpp"

#include <gtest/gtest.h>

#include <string_view>

namespace rawswarm::log
{
namespace
{

using namespace std::chrono_literals;

class repeated_lines_test : public ::testing::Test
{
protected:
	// Whether it is printed.
	bool log(std::string_view const text, std::string_view const logger = "swarm",
		spdlog::level::level_enum const level = spdlog::level::warn)
	{
		spdlog::details::log_msg const line(
			{logger.data(), logger.size()}, level, {text.data(), text.size()});
		if (m_lines.is_repeat(line, m_now))
		{
			return false;
		}
		m_told = m_lines.take();
		m_lines.printed(line, m_now);
		return true;
	}

	repeated_lines m_lines;
	repeated_lines::clock::time_point m_now{1h};
	std::optional<line_repeats> m_told; // before the last line that was printed
};

TEST_F(repeated_lines_test, line_that_repeats_the_one_before_it_is_counted_and_told_before_the_next)
{
	EXPECT_TRUE(log("piece 7"));
	for (int i = 0; i < 54; ++i)
	{
		EXPECT_FALSE(log("piece 7"));
	}
	EXPECT_TRUE(log("piece 8"));
	ASSERT_TRUE(m_told);
	EXPECT_EQ(to_string(*m_told), "... and 54 more like it");
	EXPECT_EQ(m_told->logger, "swarm");
	EXPECT_EQ(m_told->level, spdlog::level::warn);
	EXPECT_TRUE(log("piece 7")) << "another line was between them";
	EXPECT_FALSE(m_told);
}

TEST_F(repeated_lines_test, same_words_of_another_component_or_level_are_another_line)
{
	EXPECT_TRUE(log("slow", "storage"));
	EXPECT_TRUE(log("slow", "swarm"));
	EXPECT_TRUE(log("slow", "swarm", spdlog::level::err));
}

TEST_F(repeated_lines_test, count_is_told_after_some_seconds_although_no_line_follows)
{
	log("slow");
	log("slow");
	m_now += repeated_lines::interval - 1ms;
	EXPECT_FALSE(m_lines.due(m_now));
	m_now += 1ms;
	auto const due = m_lines.due(m_now);
	ASSERT_TRUE(due);
	EXPECT_EQ(due->count, 1);
	EXPECT_FALSE(m_lines.due(m_now + 1h));
	EXPECT_FALSE(m_lines.take());
}

TEST_F(repeated_lines_test, line_that_goes_on_is_told_each_time_the_interval_is_over)
{
	EXPECT_TRUE(log("slow"));
	std::int64_t told = 0;
	int times = 0;
	for (int second = 1; second <= 60; ++second)
	{
		m_now += 1s;
		EXPECT_FALSE(log("slow"));
		if (auto const due = m_lines.due(m_now))
		{
			told += due->count;
			++times;
		}
	}
	EXPECT_EQ(told, 60);
	EXPECT_EQ(times, 10);
}

TEST_F(repeated_lines_test, line_that_comes_again_much_later_is_news)
{
	EXPECT_TRUE(log("slow"));
	m_now += repeated_lines::interval + 1ms;
	EXPECT_TRUE(log("slow"));
	EXPECT_FALSE(m_told);
}

} // namespace
} // namespace rawswarm::log
