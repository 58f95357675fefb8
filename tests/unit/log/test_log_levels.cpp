// SPDX-License-Identifier: BSD-3-Clause
#include "agent/log/log_levels.hpp"

#include <gtest/gtest.h>

namespace rawswarm::log
{
namespace
{

TEST(log_levels, a_level_alone_is_for_every_component)
{
	auto const levels = parse_levels("warn");
	ASSERT_TRUE(levels);
	EXPECT_EQ(levels.value().of(component::agent), level::warn);
	EXPECT_EQ(levels.value().of(component::fetch), level::warn);
	EXPECT_FALSE(levels.value().empty());
}

TEST(log_levels, a_component_that_is_not_named_has_no_level)
{
	auto const levels = parse_levels("storage=debug");
	ASSERT_TRUE(levels);
	EXPECT_EQ(levels.value().of(component::storage), level::debug);
	EXPECT_EQ(levels.value().of(component::swarm), std::nullopt);
	EXPECT_TRUE(level_set().empty());
}

TEST(log_levels, own_levels_take_precedence_and_of_two_the_last_wins)
{
	auto const levels = parse_levels("storage=debug,error,storage=trace,off");
	ASSERT_TRUE(levels);
	EXPECT_EQ(levels.value().of(component::storage), level::trace);
	EXPECT_EQ(levels.value().of(component::beacon), level::off);
}

TEST(log_levels, names_are_taken_in_any_case_and_with_blanks)
{
	auto const levels = parse_levels(" Warning , STORAGE = Err,\tfetch=CRITICAL");
	ASSERT_TRUE(levels);
	EXPECT_EQ(levels.value().of(component::agent), level::warn);
	EXPECT_EQ(levels.value().of(component::storage), level::error);
	EXPECT_EQ(levels.value().of(component::fetch), level::critical);
}

TEST(log_levels, a_malformed_specification_is_refused)
{
	for (auto const* text : {"", " ", "debug,", ",debug", "loud", "debug,storage=loud", "debug,disk=info",
			 "debug,storage=", "storage=debug=info", "debug,=info", "3"})
	{
		auto const levels = parse_levels(text);
		ASSERT_FALSE(levels) << text;
		EXPECT_EQ(levels.error().kind, fault::usage) << text;
	}
}

TEST(log_levels, the_error_quotes_what_is_wrong)
{
	EXPECT_EQ(parse_levels("debug,disk=info").error().text,
		"reading the log levels \"debug,disk=info\": \"disk\" is none of agent, swarm, storage, beacon, "
		"fetch");
	EXPECT_EQ(parse_levels("agent=l\x1boud").error().text,
		"reading the log levels \"agent=l?oud\": \"l?oud\" is none of trace, debug, info, warn, error, "
		"critical"
		", off");
}

TEST(log_levels, text_of_levels_is_read_as_the_same_levels)
{
	for (auto const* text : {"info", "info,storage=debug", "storage=debug", "agent=trace,fetch=off",
			 "critical,agent=warn,beacon=error"})
	{
		auto const levels = parse_levels(text);
		ASSERT_TRUE(levels) << text;
		EXPECT_EQ(to_string(levels.value()), text);
	}
	EXPECT_EQ(to_string(parse_levels("agent=info,swarm=info,storage=info,beacon=debug,fetch=info").value()),
		"info,beacon=debug");
	EXPECT_EQ(to_string(level_set()), "");
}

} // namespace
} // namespace rawswarm::log
