// SPDX-License-Identifier: BSD-3-Clause
#include "agent/serve/room_request.hpp"
#include "tests/support/base/value_of.hpp"

#include <gtest/gtest.h>

#include <string>

namespace rawswarm
{
namespace
{

using test::value_of;

TEST(room_request_text, every_request_comes_back_as_it_was)
{
	for (auto const& request :
		{room_request{}, room_request{room_verb::image, "pc-01,row-1", "debian-12", true},
			room_request{room_verb::image, "all", "debian-12", false},
			room_request{room_verb::wake, "all", "", false},
			room_request{room_verb::cancel, "row-1", "", false},
			room_request{room_verb::forget, "52:54:00:12:34:56", "", false},
			room_request{room_verb::capture, "pc-01", "golden", false}})
	{
		auto const text = room_request_as_json(request);
		EXPECT_EQ(value_of(parse_room_request(text)), request) << text;
	}
}

TEST(room_request_text, is_as_the_specification_has_it)
{
	EXPECT_EQ(room_request_as_json({room_verb::image, "row-1", "debian-12", true}),
		R"({"order":"image","machines":"row-1","image":"debian-12","now":true})");
}

TEST(room_request_text, what_is_no_order_is_refused_with_its_place)
{
	struct sample
	{
		char const* text;
		char const* word;
	};
	for (auto const& [text, word] :
		{sample{"", "reading the order"}, sample{"[]", "\"order\""}, sample{"{}", "\"order\""},
			sample{R"({"order":1})", "/order"}, sample{R"({"order":"erase"})", "none of list, image"},
			sample{R"({"order":"image","machines":"all"})", "image"},
			sample{R"({"order":"image","image":"x"})", "machines"},
			sample{R"({"order":"wake","machines":""})", "/machines"},
			sample{R"({"order":"wake","machines":["pc-01"]})", "/machines"},
			sample{R"({"order":"wake","machines":"all","now":true})", "now"},
			sample{R"({"order":"list","machines":"all"})", "machines"},
			sample{R"({"order":"image","machines":"all","image":"x","now":1})", "/now"},
			sample{R"({"order":"wake","machines":"pc-01","machines":"all"})", "machines"},
			sample{R"({"order":"wake","machines":"all"} {})", "reading the order"}})
	{
		auto const parsed = parse_room_request(text);
		ASSERT_FALSE(parsed) << text;
		EXPECT_NE(parsed.error().text.find(word), std::string::npos) << parsed.error().text;
	}
	EXPECT_FALSE(parse_room_request(R"({"order":"wake","machines":")" + std::string(70'000, 'x') + R"("})"));
}

} // namespace
} // namespace rawswarm
