// SPDX-License-Identifier: BSD-3-Clause
#include "agent/control/control_message.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>

namespace rawswarm
{
namespace
{

fault fault_of(std::string const& line)
{
	auto const parsed = parse_request(line);
	EXPECT_FALSE(parsed) << line;
	return parsed ? fault::internal : parsed.error().kind;
}

TEST(control_message, every_request_comes_back_as_it_was)
{
	for (auto const& request :
		{control_request{control_verb::status, "", false}, control_request{control_verb::status, "", true},
			control_request{control_verb::log, "info,storage=\"\xff\"", false},
			control_request{control_verb::log, "debug", false},
			control_request{control_verb::stop, "", false},
			control_request{control_verb::room, "", false, R"({"order":"wake","machines":"pc-01"})"},
			control_request{control_verb::set, "", false, "", {"/dev/sda", "writers=4"}}})
	{
		auto const line = request_line(request);
		ASSERT_TRUE(line.ends_with("\n"));
		EXPECT_EQ(line.find('\n'), line.size() - 1) << "one line";
		auto const parsed = parse_request(line);
		ASSERT_TRUE(parsed) << line;
		if (request.levels.find('\xff') == std::string::npos)
		{
			EXPECT_EQ(parsed.value(), request) << line;
		}
	}
}

TEST(control_message, request_is_as_the_specification_has_it)
{
	EXPECT_EQ(request_line({control_verb::log, "info,storage=debug", false}),
		"{\"version\":1,\"do\":\"log\",\"levels\":\"info,storage=debug\"}\n");
	EXPECT_EQ(request_line({control_verb::stop, "", false}), "{\"version\":1,\"do\":\"stop\"}\n");
	EXPECT_EQ(request_line({control_verb::status, "", true}),
		"{\"version\":1,\"do\":\"status\",\"as\":\"text\"}\n");
	EXPECT_EQ(request_line({control_verb::room, "", false, R"({"order": "list"})"}),
		"{\"version\":1,\"do\":\"room\",\"room\":{\"order\":\"list\"}}\n");
	EXPECT_EQ(request_line({control_verb::set, "", false, "", {"memory=64M"}}),
		"{\"version\":1,\"do\":\"set\",\"words\":[\"memory=64M\"]}\n");
}

TEST(control_message, words_that_are_no_text_mean_nothing)
{
	auto const parsed = parse_request(R"({"version":1,"do":"set","words":["log=info",7,{}]})");
	ASSERT_TRUE(parsed);
	EXPECT_EQ(parsed.value().words, (std::vector<std::string>{"log=info", "", ""}));
}

TEST(control_message, keys_that_are_not_known_are_ignored)
{
	auto const parsed = parse_request(R"({"later":[1,2],"do":"stop","version":1})");
	ASSERT_TRUE(parsed);
	EXPECT_EQ(parsed.value().verb, control_verb::stop);
}

TEST(control_message, what_is_no_request_is_refused)
{
	for (auto const* const line : {"", "stop", "[]", "null", "{", R"({"do":"stop"})",
			 R"({"version":2,"do":"stop"})", R"({"version":"1","do":"stop"})", R"({"version":1})",
			 R"({"version":1,"do":"start"})", R"({"version":1,"do":7})", R"({"version":1,"do":"stop"}x)",
			 "{\"version\":1,\"do\":\"stop\xff\"}"})
	{
		EXPECT_EQ(fault_of(line), fault::refused) << line;
	}
	EXPECT_EQ(parse_request(R"({"version":1,"do":"sta\u001brt"})").error().text,
		"reading the request: \"sta?rt\" is none of status, log, stop, room, set");
}

std::string nested(int const levels)
{
	auto const deep = static_cast<std::size_t>(levels);
	return R"({"version":1,"do":"room","room":)" + std::string(deep, '[') + std::string(deep, ']') + "}";
}

TEST(control_message, what_is_nested_deeper_than_anything_needs_is_refused)
{
	EXPECT_TRUE(parse_request(nested(max_control_depth - 1)));
	EXPECT_TRUE(parse_answer(nested(max_control_depth - 1)));
	// As many as fit into a request, of which each would take from the stack of whoever writes them again.
	for (auto const levels : {max_control_depth, static_cast<int>(max_control_request_bytes) / 2 - 50})
	{
		EXPECT_EQ(fault_of(nested(levels)), fault::refused) << levels;
		auto const answer = parse_answer(nested(levels));
		ASSERT_FALSE(answer) << levels;
		EXPECT_EQ(answer.error().kind, fault::network) << levels;
	}
}

TEST(control_message, answer_that_is_an_error_comes_back_as_it)
{
	auto const parsed = parse_answer(error_line(fail(fault::usage, "no such \x1b level")));
	ASSERT_FALSE(parsed);
	EXPECT_EQ(parsed.error().kind, fault::usage);
	EXPECT_EQ(parsed.error().text, "no such ? level");
}

TEST(control_message, answer_gets_the_version_and_keeps_the_error_of_a_job)
{
	auto const line = answer_line({{"state", "failed"}, {"error", {{"code", 5}, {"text", "disk"}}}});
	EXPECT_EQ(line, "{\"version\":1,\"state\":\"failed\",\"error\":{\"code\":5,\"text\":\"disk\"}}\n");
	auto const parsed = parse_answer(line);
	ASSERT_TRUE(parsed);
	EXPECT_EQ(parsed.value().at("state"), "failed");
}

TEST(control_message, answer_of_another_kind_is_said_so)
{
	for (auto const* const line : {"", "{}", "[1]", R"({"version":2})", R"({"version":1)"})
	{
		auto const parsed = parse_answer(line);
		ASSERT_FALSE(parsed) << line;
		EXPECT_EQ(parsed.error().kind, fault::network) << line;
	}
	EXPECT_EQ(parse_answer(R"({"version":1,"refused":{"code":99,"text":7}})").error().kind, fault::network);
}

} // namespace
} // namespace rawswarm
