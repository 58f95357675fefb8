// SPDX-License-Identifier: BSD-3-Clause
#include "agent/watch/table.hpp"
#include "agent/watch/table_order.hpp"
#include "agent/watch/text_columns.hpp"
#include "tests/unit/watch/room_sample.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace rawswarm
{

namespace
{

using test::beacon_of;

using names = std::vector<std::string>;

struct a_room
{
	fleet hosts{{.silence = std::chrono::seconds(10)}};
	watch_counts ignored;
	watch_clock clock;
	watched_room room{hosts, ignored, clock, 0};

	void hear(received_beacon b) { hosts.apply(std::move(b), clock.now()); }

	void fall_silent() { hosts.find_silent(clock.now() + std::chrono::hours(1)); }
};

table_view view_of(std::size_t rows, std::size_t columns)
{
	table_view v;
	v.rows = rows;
	v.columns = columns;
	v.colours = false;
	return v;
}

names hosts_of(fleet const& hosts, table_view const& view)
{
	names list;
	for (auto const* agent : arranged(hosts, view))
	{
		list.push_back(agent->last.id.host);
	}
	return list;
}

// Rates and progress that differ.
a_room& fill(a_room& r)
{
	auto const add = [&](char const* host, job_state state, std::int64_t done, std::int64_t down,
						 std::int64_t eta) {
		auto b = beacon_of(host, state, 1, done);
		b.p.targets[0].down = down;
		if (eta > 0)
		{
			b.p.targets[0].eta_s = eta;
		}
		r.hear(b);
	};
	add("pc-2", job_state::downloading, 500, 300, 60);
	add("pc-10", job_state::downloading, 100, 900, 600);
	add("pc-1", job_state::done, 1000, 0, 0);
	add("pc-7", job_state::failed, 300, 0, 0);
	add("pc-3", job_state::seeding, 1000, 0, 0);
	return r;
}

std::string line_with(drawn_table const& t, std::string_view text)
{
	auto const found = std::ranges::find_if(
		t.lines, [&](std::string const& line) { return line.find(text) != std::string::npos; });
	return found == t.lines.end() ? std::string() : *found;
}

} // namespace

TEST(table_order, failed_and_silent_hosts_are_on_top_whatever_it_sorts_by)
{
	a_room r;
	r.hear(beacon_of("a-silent", job_state::downloading));
	r.fall_silent();
	fill(r);
	for (int i = 0; i <= static_cast<int>(table_sort::lost); ++i)
	{
		for (bool const reversed : {false, true})
		{
			auto v = view_of(24, 80);
			v.sort = static_cast<table_sort>(i);
			v.reversed = reversed;
			auto list = hosts_of(r.hosts, v);
			list.resize(2);
			std::ranges::sort(list);
			EXPECT_EQ(list, (names{"a-silent", "pc-7"})) << to_string(v.sort);
		}
	}
}

TEST(table_order, each_key_sorts_by_its_column)
{
	a_room r;
	fill(r);
	auto const sorted = [&](table_sort by, bool reversed = false) {
		auto v = view_of(24, 80);
		v.sort = by;
		v.reversed = reversed;
		return hosts_of(r.hosts, v);
	};
	EXPECT_EQ(sorted(table_sort::state), (names{"pc-7", "pc-2", "pc-10", "pc-3", "pc-1"}));
	EXPECT_EQ(sorted(table_sort::host), (names{"pc-7", "pc-1", "pc-2", "pc-3", "pc-10"}));
	EXPECT_EQ(sorted(table_sort::host, true), (names{"pc-7", "pc-10", "pc-3", "pc-2", "pc-1"}));
	EXPECT_EQ(sorted(table_sort::progress), (names{"pc-7", "pc-10", "pc-2", "pc-1", "pc-3"}));
	EXPECT_EQ(sorted(table_sort::rate), (names{"pc-7", "pc-10", "pc-2", "pc-1", "pc-3"}));
	EXPECT_EQ(sorted(table_sort::eta), (names{"pc-7", "pc-10", "pc-2", "pc-1", "pc-3"}));
}

TEST(table_order, filters_and_a_text_leave_others_out)
{
	a_room r;
	fill(r);
	auto v = view_of(24, 80);
	v.filter = table_filter::trouble;
	EXPECT_EQ(hosts_of(r.hosts, v), names{"pc-7"});
	v.filter = table_filter::working;
	EXPECT_EQ(hosts_of(r.hosts, v), (names{"pc-2", "pc-10"}));
	v.filter = table_filter::done;
	EXPECT_EQ(hosts_of(r.hosts, v), (names{"pc-3", "pc-1"}));
	v.filter = table_filter::all;
	v.find = "pc-1";
	EXPECT_EQ(hosts_of(r.hosts, v), (names{"pc-10", "pc-1"}));
}

TEST(table, a_line_shows_state_bar_age_rate_peers_and_time_left)
{
	a_room r;
	auto b = beacon_of("pc-07", job_state::downloading, 1, 431);
	b.p.targets[0].eta_s = 470;
	r.hear(b);
	b.seq = 4;
	r.hear(b);
	auto const t = draw_table(r.room, view_of(24, 80));
	ASSERT_EQ(t.lines.size(), 24U);
	EXPECT_EQ(t.lines[2], "HOST           STATE        PROGRESS        AGE LOST         RATE PEERS    ETA ");
	EXPECT_EQ(line_with(t, "pc-07"),
		"pc-07          downloading  [###>...]  43%   0s    2  112.0 MiB/s    12  7m50s");
	EXPECT_EQ(t.lines[1], "room [######>.......] 43.1%  431 B of 1000 B  112.0 MiB/s  ETA 7m50s  lost 2");
	EXPECT_EQ(t.lines[0].find("rawswarm  1 host: 0 done, 0 failed, 0 silent, 0 seeding, 1 working"), 0U);
}

TEST(table, an_error_takes_the_columns_of_figures_where_there_are_no_others)
{
	a_room r;
	auto b = beacon_of("pc-07", job_state::failed, 1, 431);
	b.p.error = progress_error{5, "writing /dev/sda1 at 0x1f400000: Input/output error"};
	r.hear(b);
	auto const narrow = line_with(draw_table(r.room, view_of(24, 80)), "pc-07");
	EXPECT_EQ(narrow, "pc-07          failed       [###>...]  43%   0s    - error 5: writing /dev/sd..");
	auto const wide = line_with(draw_table(r.room, view_of(60, 200)), "pc-07");
	EXPECT_NE(wide.find("error 5: writing /dev/sda1 at 0x1f400000: Input/output error"), std::string::npos)
		<< wide;
	EXPECT_NE(wide.find("52:54:00:00:00:pc-07"), std::string::npos) << wide;
}

TEST(table, no_line_is_wider_than_the_terminal_or_more_than_it_has)
{
	a_room r;
	for (int i = 0; i < 100; ++i)
	{
		auto b =
			beacon_of("教室-" + std::to_string(i) + std::string(100, 'x'), job_state::downloading, 1, i * 10);
		b.id.agent = std::string(64, static_cast<char>('a' + i % 26));
		b.p.targets[0].down = std::int64_t(1) << 53;
		b.p.targets[0].eta_s = std::int64_t(1) << 53;
		b.p.targets[0].peers = 1'000'000;
		b.p.targets[0].note = i % 3 == 0 ? std::string(400, 'n') : "";
		r.hear(b);
	}
	for (std::size_t const rows : {0U, 1U, 2U, 3U, 4U, 5U, 24U, 60U, 300U})
	{
		for (std::size_t const columns :
			{0U, 1U, 2U, 3U, 20U, 54U, 55U, 60U, 79U, 80U, 81U, 120U, 149U, 150U, 151U, 152U, 200U, 500U})
		{
			auto const t = draw_table(r.room, view_of(rows, columns));
			EXPECT_LE(t.lines.size(), rows);
			for (auto const& line : t.lines)
			{
				EXPECT_LT(columns_of(line), std::max<std::size_t>(columns, 2)) << columns << ": " << line;
			}
		}
	}
}

TEST(table, it_scrolls_and_stops_at_the_last_machine)
{
	a_room r;
	for (int i = 0; i < 50; ++i)
	{
		r.hear(beacon_of("pc-" + std::to_string(i), job_state::downloading));
	}
	auto v = view_of(24, 80);
	auto t = draw_table(r.room, v);
	EXPECT_EQ(t.below, 30U);
	EXPECT_NE(t.lines.back().find("1-20 of 50"), std::string::npos) << t.lines.back();
	v.top = 5;
	t = draw_table(r.room, v);
	EXPECT_EQ(t.lines[3].substr(0, 5), "pc-5 ");
	v.top = 1'000'000;
	t = draw_table(r.room, v);
	EXPECT_EQ(t.top, 30U);
	EXPECT_NE(t.lines.back().find("31-50 of 50"), std::string::npos) << t.lines.back();
}

TEST(table, nothing_from_the_network_moves_the_cursor_or_makes_a_line)
{
	a_room r;
	auto b = beacon_of("\x1b]0;owned\x07\r\npc", job_state::failed);
	b.id.agent = "\x1b[2J\x1b[1;1H";
	b.p.targets[0].device = "\n/dev/\xc2\x9b"
							"2J";
	b.p.error = progress_error{5, "\x1b[1A\x1b[2K fake  done\n\xe2\x80\xae"};
	r.hear(b);
	auto other = beacon_of("x", job_state::downloading);
	other.p.targets[0].note = "\x1b[10;1Hnote\n";
	other.p.targets[0].device = "\x1b[10;1Hdevice\n";
	r.hear(other);
	auto v = view_of(60, 200);
	v.find = "";
	for (bool const colours : {false, true})
	{
		v.colours = colours;
		for (auto line : draw_table(r.room, v).lines)
		{
			// the colours are the table's own
			for (std::string_view const code :
				{"\x1b[31m", "\x1b[33m", "\x1b[32m", "\x1b[2m", "\x1b[7m", "\x1b[0m"})
			{
				for (auto at = line.find(code); colours && at != std::string::npos; at = line.find(code))
				{
					line.erase(at, code.size());
				}
			}
			EXPECT_TRUE(std::ranges::none_of(line, [](char c) {
				return static_cast<unsigned char>(c) < 0x20;
			})) << line;
			EXPECT_EQ(line.find("\xc2\x9b"), std::string::npos);
			EXPECT_EQ(line.find("\xe2\x80\xae"), std::string::npos);
		}
	}
}

TEST(table, without_colours_there_is_no_escape_sequence)
{
	a_room r;
	fill(r);
	auto v = view_of(24, 80);
	for (auto const& line : draw_table(r.room, v).lines)
	{
		EXPECT_EQ(line.find('\x1b'), std::string::npos);
	}
	v.colours = true;
	EXPECT_NE(line_with(draw_table(r.room, v), "pc-7").find("\x1b[31m"), std::string::npos);
}

TEST(table, datagrams_that_were_ignored_are_counted)
{
	a_room r;
	r.ignored.unsigned_ones = 12;
	r.ignored.malformed = 34'567;
	auto const keys = draw_table(r.room, view_of(60, 200)).lines.back();
	EXPECT_NE(keys.find("not signed: 12  no beacon: 34k"), std::string::npos) << keys;
}

} // namespace rawswarm
