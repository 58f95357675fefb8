// SPDX-License-Identifier: BSD-3-Clause
// `rawswarm watch` on a terminal: the table, its keys and the window's size.
#include "tests/support/base/temp_dir.hpp"
#include "tests/support/program/watched_room.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>

namespace rawswarm::test
{

namespace
{

using namespace std::chrono_literals;
using words = std::vector<std::string>;

} // namespace

TEST(watch_table, has_a_line_for_each_host_and_the_room_at_80x24)
{
	watched w;
	w.room.send({{"pc-1", job_state::downloading, 1, 250}, {"pc-2", job_state::downloading, 1, 500},
		{"pc-3", job_state::failed, 1, 100, "writing /dev/sda: Input/output error"}});
	ASSERT_TRUE(w.program.wait_for("3 hosts")) << w.program.screen().text();
	auto const& screen = w.program.screen();
	EXPECT_TRUE(screen.is_second_screen());
	EXPECT_FALSE(screen.has_cursor());
	auto const lines = screen.lines();
	EXPECT_EQ(lines[0].rfind("rawswarm  3 hosts: 0 done, 1 failed, 0 silent, 0 seeding, 2 working", 0), 0U)
		<< lines[0];
	EXPECT_NE(lines[1].find("28.3%  850 B of 2.9 KiB  2.0 KiB/s"), std::string::npos) << lines[1];
	EXPECT_EQ(lines[2].rfind("HOST ", 0), 0U);
	EXPECT_EQ(lines[3].rfind("pc-3 ", 0), 0U) << screen.text();
	EXPECT_NE(lines[3].find("error 5: writing /dev/"), std::string::npos) << lines[3];
	EXPECT_EQ(lines[4].rfind("pc-1           downloading  [#>.....]  25%", 0), 0U) << lines[4];
	EXPECT_EQ(lines[23].rfind("q quit ", 0), 0U);
	EXPECT_GT(screen.colours(), 0U);
	expect_drawn_well(w.program);
}

TEST(watch_table, shows_more_of_each_host_at_200x60)
{
	watched w({}, {.rows = 60, .columns = 200});
	w.room.send(hosts(40));
	w.room.send({{"pc-7", job_state::failed, 2, 100, "writing /dev/sda at 0x1f400000: Input/output error"}});
	ASSERT_TRUE(w.program.wait_for("1 failed")) << w.program.screen().text();
	auto const lines = w.program.screen().lines();
	EXPECT_EQ(lines[3].rfind("pc-7 ", 0), 0U);
	EXPECT_NE(lines[3].find("id-pc-7"), std::string::npos);
	EXPECT_NE(lines[3].find("error 5: writing /dev/sda at 0x1f400000: Input/output error"), std::string::npos)
		<< lines[3];
	EXPECT_EQ(lines[42].rfind("pc-40 ", 0), 0U) << w.program.screen().text();
	EXPECT_EQ(lines[59].rfind("q quit ", 0), 0U);
	expect_drawn_well(w.program);
}

TEST(watch_table, follows_the_size_of_its_window)
{
	watched w;
	w.room.send(hosts(100));
	ASSERT_TRUE(w.program.wait_for("1-20 of 100")) << w.program.screen().text();
	w.program.resize(60, 200);
	ASSERT_TRUE(w.program.wait_for("1-56 of 100")) << w.program.screen().text();
	EXPECT_NE(w.program.screen().lines()[2].find("AGENT"), std::string::npos);
	w.program.resize(10, 40);
	ASSERT_TRUE(w.program.wait_until(
		[](screen_model const& s) {
			return s.lines()[9].starts_with("q quit ") && s.lines()[8].starts_with("pc-6");
		},
		10s))
		<< w.program.screen().text();
	w.program.resize(24, 80);
	ASSERT_TRUE(w.program.wait_for("1-20 of 100")) << w.program.screen().text();
	expect_drawn_well(w.program);
}

TEST(watch_table, keys_sort_filter_scroll_and_find)
{
	watched w;
	auto room = hosts(50);
	room[9].state = job_state::failed;
	w.room.send(room);
	ASSERT_TRUE(w.program.wait_for("1-20 of 50")) << w.program.screen().text();
	EXPECT_EQ(w.program.screen().lines()[3].rfind("pc-10 ", 0), 0U);
	w.program.type("\x1b[6~");
	EXPECT_TRUE(w.program.wait_for("21-40 of 50")) << w.program.screen().text();
	w.program.type("G");
	EXPECT_TRUE(w.program.wait_for("31-50 of 50")) << w.program.screen().text();
	w.program.type("g\x1b[B");
	EXPECT_TRUE(w.program.wait_for("2-21 of 50")) << w.program.screen().text();
	w.program.type("f");
	EXPECT_TRUE(w.program.wait_for("1-1 of 1")) << w.program.screen().text();
	w.program.type("\x1b");
	EXPECT_TRUE(w.program.wait_for("show:all")) << w.program.screen().text();
	w.program.type("sr");
	EXPECT_TRUE(w.program.wait_for("s sort:host^")) << w.program.screen().text();
	EXPECT_TRUE(
		w.program.wait_until([](screen_model const& s) { return s.lines()[4].starts_with("pc-50 "); }, 10s))
		<< w.program.screen().text();
	w.program.type("/pc-4");
	EXPECT_TRUE(w.program.wait_for("find: pc-4_")) << w.program.screen().text();
	w.program.type("\r");
	EXPECT_TRUE(w.program.wait_for("1-11 of 11")) << w.program.screen().text();
	expect_drawn_well(w.program);
}

TEST(watch_table, no_color_is_respected)
{
	watched w({}, {.env = {{"NO_COLOR", "1"}}});
	w.room.send({{"pc-1", job_state::failed, 1, 100, "no"}});
	ASSERT_TRUE(w.program.wait_for("pc-1 ")) << w.program.screen().text();
	EXPECT_EQ(w.program.screen().colours(), 0U);
}

TEST(watch_table, plain_lines_come_where_they_are_asked_for_or_the_terminal_takes_no_table)
{
	std::vector<std::pair<words, std::map<std::string, std::string>>> const ways{
		{{"--plain"}, {}}, {{}, {{"TERM", "dumb"}}}, {{}, {{"TERM", ""}}}, {{"--json"}, {}}};
	for (auto const& [options, env] : ways)
	{
		watched w(options, {.env = env});
		w.room.send({{"pc-1", job_state::done, 1, 1000}});
		ASSERT_TRUE(w.program.wait_for("pc-1")) << w.program.screen().text();
		EXPECT_EQ(w.program.bytes().find('\x1b'), std::string::npos) << w.program.bytes();
		w.program.type("\x03");
		EXPECT_EQ(w.program.wait(10s), 130);
	}
}

TEST(watch_table, a_pipe_gets_lines_without_an_escape_sequence)
{
	auto const port = free_port();
	child_process watcher(rawswarm_command({"watch", "--listen", loopback(port), "--expect", "1"}));
	ASSERT_TRUE(wait_for_udp_listener(port, 10s));
	sender(port).send({{"pc-1", job_state::done, 1, 1000}});
	EXPECT_TRUE(exits_with(watcher, exit_code::done, 10s));
	EXPECT_EQ(watcher.out().find('\x1b'), std::string::npos) << watcher.out();
	EXPECT_NE(watcher.out().find("pc-1"), std::string::npos) << watcher.out();
}

TEST(watch_table, nothing_that_a_beacon_holds_moves_the_cursor_or_forges_a_line)
{
	watched w({}, {.rows = 60, .columns = 200});
	w.room.send({{"\x1b[1;1Hpwned\x1b[?1049l\n\rpc", job_state::failed, 1, 100,
					 "\x1b[2J\x1b]0;title\x07\nfake-line  done"},
		{"\xe6\x95\x99\xe5\xae\xa4-\xf0\x9f\x98\x80\xcc\x81\xcc\x81", job_state::downloading, 1, 500}});
	ASSERT_TRUE(w.program.wait_for("2 hosts")) << w.program.screen().text();
	auto const lines = w.program.screen().lines();
	EXPECT_TRUE(w.program.screen().is_second_screen());
	EXPECT_EQ(lines[0].rfind("rawswarm  2 hosts", 0), 0U) << lines[0];
	EXPECT_EQ(lines[3].rfind("?[1;1Hpwned?[?1049l??pc", 0), 0U) << lines[3];
	EXPECT_EQ(std::ranges::count_if(lines, [](auto const& l) { return l.starts_with("fake-line"); }), 0);
	// a host of 7 columns, and the next column where it is in every line
	EXPECT_EQ(lines[4].find("id-"), lines[4].find("\xf0\x9f\x98\x80") + 4 + (24 - 7) + 1) << lines[4];
	expect_drawn_well(w.program);
	w.program.type("q");
	EXPECT_EQ(w.program.wait(10s), 0);
	EXPECT_EQ(w.program.screen().unknown(), 0U);
	EXPECT_EQ(line_of(w.program.screen(), "fake-line"), "") << w.program.screen().text();
}

TEST(watch_table, lost_datagrams_of_a_host_are_counted_and_late_ones_are_not)
{
	watched w;
	w.room.send({{"pc-1", job_state::downloading, 1, 100}, {"pc-1", job_state::downloading, 6, 200},
		{"pc-1", job_state::downloading, 4, 150}, {"pc-1", job_state::downloading, 6, 200}});
	ASSERT_TRUE(w.program.wait_for("lost 3")) << w.program.screen().text();
	auto const line = line_of(w.program.screen(), "pc-1 ");
	EXPECT_NE(line.find("20%"), std::string::npos) << line;
	EXPECT_NE(line.find("    3 "), std::string::npos) << line;
}

TEST(watch_table, silent_hosts_come_to_the_top)
{
	watched w({"--silence", "1"});
	w.room.send(hosts(3));
	ASSERT_TRUE(w.program.wait_for("3 silent")) << w.program.screen().text();
	w.room.send({{"pc-1", job_state::downloading, 2}});
	ASSERT_TRUE(w.program.wait_for("2 silent")) << w.program.screen().text();
	EXPECT_EQ(w.program.screen().lines()[3].rfind("pc-2           silent", 0), 0U)
		<< w.program.screen().text();
	EXPECT_EQ(w.program.screen().lines()[5].rfind("pc-1           downloading", 0), 0U)
		<< w.program.screen().text();
}

TEST(watch_table, what_is_recorded_is_replayed_as_a_table)
{
	temp_dir const dir;
	{
		watched w({"--record", dir / "room"});
		w.room.send({{"pc-1", job_state::downloading, 1, 250}, {"pc-2", job_state::failed, 1, 100, "no"}});
		ASSERT_TRUE(w.program.wait_for("2 hosts")) << w.program.screen().text();
		std::this_thread::sleep_for(500ms);
		w.room.send({{"pc-1", job_state::done, 2, 1000}});
		ASSERT_TRUE(w.program.wait_for("1 done"));
		w.program.signal(SIGKILL); // what came is in the file all the same
		EXPECT_EQ(w.program.wait(10s), 137);
	}
	terminal_program program(
		{.argv = rawswarm_command({"watch", "--replay", dir / "room", "--speed", "0.25"}).argv});
	EXPECT_TRUE(program.wait_for("2 hosts: 0 done, 1 failed")) << program.screen().text();
	EXPECT_TRUE(program.screen().is_second_screen());
	EXPECT_EQ(program.wait(20s), 0);
	EXPECT_TRUE(program.screen().shows("1 done, 1 failed, 0 silent, 0 still at work"))
		<< program.screen().text();
	auto const plain = run_rawswarm({"watch", "--replay", dir / "room", "--speed", "1000"});
	EXPECT_TRUE(exits_with(plain, exit_code::done));
	EXPECT_NE(plain.out.find("1 done, 1 failed, 0 silent, 0 still at work"), std::string::npos) << plain.out;
}

} // namespace rawswarm::test
