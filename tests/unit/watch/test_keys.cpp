// SPDX-License-Identifier: BSD-3-Clause
#include "agent/watch/keys.hpp"
#include "agent/watch/table_view.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace rawswarm
{

namespace
{

using keys = std::vector<key>;

key character(std::string text)
{
	return {key_kind::character, std::move(text)};
}

// True if one of them ends the table.
bool press_all(table_view& view, std::string const& bytes)
{
	bool ends = false;
	for (auto const& k : keys_from(bytes))
	{
		ends = press(view, k) || ends;
	}
	return ends;
}

} // namespace

TEST(keys, arrows_come_in_the_ways_of_all_terminals)
{
	EXPECT_EQ(keys_from("\x1b[A\x1bOB\x1b[5~\x1b[6~\x1b[1~\x1b[F"),
		(keys{{key_kind::up}, {key_kind::down}, {key_kind::page_up}, {key_kind::page_down}, {key_kind::home},
			{key_kind::end}}));
}

TEST(keys, characters_of_utf8_are_one_key_each)
{
	EXPECT_EQ(keys_from("q\xc3\xbc\xe6\x95\x99"),
		(keys{character("q"), character("\xc3\xbc"), character("\xe6\x95\x99")}));
}

TEST(keys, an_escape_alone_is_a_key_and_unknown_sequences_are_none)
{
	EXPECT_EQ(keys_from("\x1b"), keys{{key_kind::escape}});
	EXPECT_EQ(
		keys_from("\x1b[200~a\x1b[24;80Rb\x1bxc"), (keys{character("a"), character("b"), character("c")}));
	EXPECT_EQ(keys_from("\x1b["), keys{});
}

TEST(keys, control_characters_and_what_is_no_utf8_are_no_keys)
{
	EXPECT_EQ(keys_from(std::string("\x01\x00\xff\xc3q", 5)), keys{character("q")});
	EXPECT_EQ(keys_from("\r\x7f"), (keys{{key_kind::enter}, {key_kind::backspace}}));
}

TEST(table_view, keys_choose_the_order_and_what_is_shown)
{
	table_view v;
	press_all(v, "sr");
	EXPECT_EQ(v.sort, table_sort::host);
	EXPECT_TRUE(v.reversed);
	press_all(v, "ssssss");
	EXPECT_EQ(v.sort, table_sort::state);
	press_all(v, "ff");
	EXPECT_EQ(v.filter, table_filter::working);
	press_all(v, "ff");
	EXPECT_EQ(v.filter, table_filter::all);
}

TEST(table_view, keys_move_by_a_line_a_page_and_to_the_ends)
{
	table_view v;
	press_all(v, "\x1b[B\x1b[B");
	EXPECT_EQ(v.top, 2U);
	press_all(v, "\x1b[6~");
	EXPECT_EQ(v.top, 22U);
	press_all(v, "k\x1b[5~");
	EXPECT_EQ(v.top, 1U);
	press_all(v, "kkk");
	EXPECT_EQ(v.top, 0U);
	press_all(v, "Gj ");
	EXPECT_GT(v.top, 1'000'000U);
	press_all(v, "g");
	EXPECT_EQ(v.top, 0U);
}

TEST(table_view, a_text_to_find_is_typed_and_q_is_a_letter_of_it)
{
	table_view v;
	EXPECT_FALSE(press_all(v, "/qc\xc3\xbc\x7f-0\r"));
	EXPECT_EQ(v.find, "qc-0");
	EXPECT_FALSE(v.typing);
	press_all(v, "\x1b");
	EXPECT_EQ(v.find, "");
	press_all(v, "/x\x1b");
	EXPECT_EQ(v.find, "");
	EXPECT_FALSE(v.typing);
	press_all(v, "/" + std::string(500, 'x'));
	EXPECT_EQ(v.find.size(), 64U);
}

TEST(table_view, q_ends_it)
{
	table_view v;
	EXPECT_TRUE(press_all(v, "q"));
	EXPECT_FALSE(press_all(v, "xyzQ"));
}

} // namespace rawswarm
