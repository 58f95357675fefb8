// SPDX-License-Identifier: BSD-3-Clause
// `rawswarm watch` on a terminal: how it ends, and how it leaves the terminal to the shell.
#include "tests/support/program/watched_room.hpp"

#include <gtest/gtest.h>

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

TEST(watch_terminal, q_ends_it_and_leaves_its_last_state_and_the_numbers_on_the_screen)
{
	watched w;
	auto room = hosts(30);
	room[4] = {"pc-5", job_state::failed, 1, 100, "writing /dev/sda: Input/output error"};
	w.room.send(room);
	ASSERT_TRUE(w.program.wait_for("1-20 of 30")) << w.program.screen().text();
	EXPECT_NE(w.program.modes().c_lflag, w.program.modes_before().c_lflag);
	w.program.type("q");
	ASSERT_EQ(w.program.wait(10s), 0);
	expect_restored(w.program);
	auto const text = w.program.screen().text();
	EXPECT_NE(line_of(w.program.screen(), "pc-5 "), "") << text;
	EXPECT_NE(text.find("and 14 more"), std::string::npos) << text;
	EXPECT_NE(text.find("error 5: writing /dev/sda: Input/output error"), std::string::npos) << text;
	EXPECT_NE(text.find("0 done, 1 failed, 0 silent, 29 still at work"), std::string::npos) << text;
	EXPECT_EQ(text.find("q quit"), std::string::npos) << text;
}

TEST(watch_terminal, every_signal_leaves_the_terminal_as_it_was)
{
	for (auto const number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL})
	{
		watched w;
		w.room.send(hosts(3));
		ASSERT_TRUE(w.program.wait_for("3 hosts")) << w.program.screen().text();
		w.program.signal(number);
		EXPECT_EQ(w.program.wait(20s), 128 + number) << number;
		expect_restored(w.program);
	}
}

TEST(watch_terminal, ctrl_c_is_the_signal_and_ctrl_z_stops_it_with_the_terminal_as_it_was)
{
	watched w;
	w.room.send(hosts(3));
	ASSERT_TRUE(w.program.wait_for("3 hosts"));
	w.program.type("\x1a");
	ASSERT_TRUE(w.program.wait_for_stop(10s));
	expect_restored(w.program);
	w.program.signal(SIGCONT);
	ASSERT_TRUE(w.program.wait_until(
		[](screen_model const& s) { return s.is_second_screen() && s.shows("3 hosts"); }, 10s));
	EXPECT_NE(w.program.modes().c_lflag, w.program.modes_before().c_lflag);
	w.program.type("\x03");
	EXPECT_EQ(w.program.wait(10s), 130);
	expect_restored(w.program);
}

TEST(watch_terminal, an_error_that_ends_it_leaves_the_terminal_as_it_was)
{
	temp_dir const dir;
	{
		std::ofstream file(dir / "room");
		file << R"({"version":1,"elapsed_ms":0,"time_ms":0,"from":"10.0.0.7:1","datagram":")"
			 << R"({\"rawswarm\":1,\"agent\":\"a\",\"run\":\"r\",\"seq\":1,\"state\":\"done\"})"
			 << "\"}\n"
			 << R"({"version":1,"elapsed_ms":1000,"time_ms":0,"from":"10.0.0.7:1","datagram":"x"})"
			 << "\nno line\n";
	}
	terminal_program program({.argv = rawswarm_command({"watch", "--replay", dir / "room"}).argv});
	ASSERT_TRUE(program.wait_for("1 host")) << program.screen().text();
	EXPECT_EQ(program.wait(10s), exit_code::refused);
	expect_restored(program);
	EXPECT_TRUE(program.screen().shows("line 3")) << program.screen().text();
}

TEST(watch_terminal, with_expect_it_ends_by_itself)
{
	watched w({"--expect", "2"});
	w.room.send({{"pc-1", job_state::done, 1, 1000}, {"pc-2"}});
	ASSERT_TRUE(w.program.wait_for("2 hosts of 2 expected")) << w.program.screen().text();
	w.room.send({{"pc-2", job_state::done, 2, 1000}});
	EXPECT_EQ(w.program.wait(10s), 0);
	EXPECT_TRUE(w.program.screen().shows("2 done, 0 failed, 0 silent, 0 still at work, 2 expected"));
}

TEST(watch_terminal, with_expect_and_a_time_limit_it_gives_up)
{
	watched w({"--expect", "2", "--timeout", "1"});
	w.room.send({{"pc-1", job_state::done, 1, 1000}});
	EXPECT_EQ(w.program.wait(10s), exit_code::network);
	watched by_key({"--expect", "2"});
	by_key.room.send({{"pc-1", job_state::done, 1, 1000}});
	ASSERT_TRUE(by_key.program.wait_for("1 host"));
	by_key.program.type("q");
	EXPECT_EQ(by_key.program.wait(10s), exit_code::network);
}

TEST(watch_terminal, a_line_of_the_log_is_on_the_first_screen_at_the_end)
{
	temp_dir const dir;
	std::ofstream(dir / "key") << "secret\n";
	watched w({"--key-file", dir / "key"});
	ASSERT_TRUE(w.program.wait_for("0 hosts")) << w.program.screen().text();
	w.room.send({{"pc-1"}});
	ASSERT_TRUE(w.program.wait_for("not signed: 1")) << w.program.screen().text();
	w.program.type("q");
	EXPECT_EQ(w.program.wait(10s), 0);
	EXPECT_TRUE(w.program.screen().shows("warning: a beacon from 127.0.0.1:")) << w.program.screen().text();
}

TEST(watch_terminal, its_keyboard_is_not_made_non_blocking_for_the_shell)
{
	watched w;
	w.room.send(hosts(1));
	ASSERT_TRUE(w.program.wait_for("1 host"));
	w.program.type("s");
	ASSERT_TRUE(w.program.wait_for("sort:host"));
	EXPECT_EQ(w.program.flags() & O_NONBLOCK, 0);
	w.program.type("q");
	EXPECT_EQ(w.program.wait(10s), 0);
}

} // namespace rawswarm::test
