// SPDX-License-Identifier: BSD-3-Clause
#include "agent/cli/room_table.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cstdlib>
#include <ctime>
#include <string>

namespace rawswarm
{
namespace
{

using json = nlohmann::ordered_json;

class table_of_a_room : public ::testing::Test
{
protected:
	table_of_a_room()
	{
		::setenv("TZ", "UTC", 1);
		::tzset();
	}

	~table_of_a_room() override
	{
		::unsetenv("TZ");
		::tzset();
	}
};

TEST_F(table_of_a_room, has_a_line_for_each_machine_and_unknown_ones_last)
{
	auto const list = json::parse(R"({"version":1,"room":"lab-3","images":[{"name":"debian-12"},
		{"name":"win11","error":"no image file"}],"machines":[
		{"name":"52:54:00:99:00:01","mac":"52:54:00:99:00:01","known":false,"groups":[],"next":"disk","state":"own disk",
			"seen_at":1764500000},
		{"name":"pc-01","mac":"52:54:00:00:00:01","known":true,"groups":["row-1","new"],"next":"image",
			"next_image":"debian-12","given":"win11","outdated":true,"given_at":1764400000,"state":"downloading",
			"percent":41.7,"job":{"image":"debian-12","at":1764500060}},
		{"name":"pc-02","known":true,"groups":[],"next":"capture","capture":"golden","state":"failed",
			"error":{"text":"writing /dev/sda: Input/output error","code":5,"at":1764400000}}]})");
	EXPECT_EQ(room_table(list),
		"room lab-3; images: debian-12, win11 (no image file)\n"
		"MACHINE            MAC                GROUP      NEXT               HAS            STATE            "
		"WHEN"
		"              ERROR\n"
		"pc-01              52:54:00:00:00:01  row-1,new  debian-12          win11 (older)  downloading 41%  "
		"2025-11-30 10:54\n"
		"pc-02              -                  -          capture as golden  -              failed           "
		"-"
		"                 writing /dev/sda: Input/output error\n"
		"52:54:00:99:00:01  52:54:00:99:00:01  (unknown)  own disk           -              own disk         "
		"2025-11-30 10:53\n");
}

TEST_F(table_of_a_room, what_is_wrong_with_room_json_is_said)
{
	EXPECT_EQ(room_table(
				  json::parse(R"({"room":"lab-3","error":"reading room.json: /machines: x","machines":[]})")),
		"room lab-3; images: none\nreading room.json: /machines: x\nno machines yet\n");
}

TEST_F(table_of_a_room, text_from_the_network_cannot_control_the_terminal)
{
	auto const text = room_table(json::parse(
		R"({"room":"a\u001b[2J","machines":[{"name":"b\n\u0007","error":{"text":"c\u009b1m"},"state":"d\ne"}]})"));
	EXPECT_EQ(text.find('\x1b'), std::string::npos);
	EXPECT_EQ(text.find('\x07'), std::string::npos);
	EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 3);
}

TEST_F(table_of_a_room, answer_of_another_shape_is_no_table_but_no_harm)
{
	for (auto const* const text :
		{"{}", R"({"machines":[1,"x",null]})", R"({"machines":[{"name":7,"groups":5,"error":[]}]})"})
	{
		EXPECT_TRUE(room_table(json::parse(text)).starts_with("room ")) << text;
	}
}

TEST_F(table_of_a_room, order_that_was_carried_out_is_a_sentence)
{
	EXPECT_EQ(
		order_text(json::parse(R"({"order":"image","image":"debian-12","machines":["pc-01","pc-02"]})")),
		"debian-12 is ordered for pc-01, pc-02\n");
	EXPECT_EQ(order_text(json::parse(R"({"order":"capture","image":"golden","machines":["pc-01"]})")),
		"golden will be captured from pc-01\n");
	EXPECT_EQ(order_text(json::parse(R"({"order":"forget","machines":["pc-01"]})")), "forgotten: pc-01\n");
	auto many = json::parse(R"({"order":"wake","machines":[]})");
	for (int i = 0; i < 13; ++i)
	{
		many["machines"].push_back("m");
	}
	EXPECT_EQ(order_text(many), "woken: m, m, m, m, m, m, m, m, m, m and 3 more\n");
}

} // namespace
} // namespace rawswarm
