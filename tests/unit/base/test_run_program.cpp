// SPDX-License-Identifier: BSD-3-Clause
#include "base/run_program.hpp"
#include "tests/support/base/value_of.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

namespace rawswarm
{

namespace
{

using namespace std::chrono_literals;

program_end shell(std::string const& script, program_options const& options = {})
{
	return test::value_of(run_program({"/bin/sh", "-c", script}, options));
}

TEST(run_program, says_how_a_program_ended_and_what_it_printed)
{
	auto const end = shell("echo out; echo err >&2; exit 7");
	EXPECT_EQ(end.exit_code, 7);
	EXPECT_EQ(end.output, "out\nerr\n");
	EXPECT_EQ(last_line(end), "err");
	EXPECT_EQ(shell("kill -USR1 $$").exit_code, 128 + SIGUSR1);
	EXPECT_EQ(last_line(shell("printf 'a\\rb  \\n\\n'")), "b");
	EXPECT_EQ(last_line(shell(":")), "");
}

TEST(run_program, passes_lines_on_as_they_come_and_long_ones_in_parts)
{
	std::vector<std::string> lines;
	program_options options;
	options.on_line = [&](std::string_view const line) { lines.emplace_back(line); };
	shell("echo one; echo; printf two", options);
	EXPECT_EQ(lines, (std::vector<std::string>{"one", "", "two"}));
	lines.clear();
	shell("head -c 3000 /dev/zero | tr '\\0' x", options);
	EXPECT_EQ(lines.size(), 3U);
}

TEST(run_program, keeps_the_end_of_much_output)
{
	auto const end = shell("head -c 10000000 /dev/zero | tr '\\0' x; echo; echo the end");
	EXPECT_EQ(end.output.size(), 64U * 1024);
	EXPECT_EQ(last_line(end), "the end");
}

TEST(run_program, sets_variables_beside_our_own_and_gives_no_input)
{
	program_options options;
	options.variables = {"COLOUR=blue", "HOME=/nowhere"};
	EXPECT_EQ(shell("echo $COLOUR $HOME ${PATH:+path}; cat", options).output, "blue /nowhere path\n");
}

TEST(run_program, ends_what_takes_too_long_even_if_it_does_not_want_to)
{
	program_options options;
	options.timeout = 1s;
	auto const started = std::chrono::steady_clock::now();
	auto const end = shell("trap '' TERM; while :; do sleep 1; done", options);
	EXPECT_TRUE(end.timed_out);
	EXPECT_EQ(end.exit_code, 128 + SIGKILL);
	EXPECT_LT(std::chrono::steady_clock::now() - started, 30s);
}

TEST(run_program, ends_what_it_started_as_well_even_if_that_does_not_want_to)
{
	program_options options;
	options.timeout = 1s;
	auto const end = shell("sh -c 'trap \"\" TERM; while :; do sleep 1; done' & echo $!; wait", options);
	EXPECT_TRUE(end.timed_out);
	auto const started = std::stoi(end.output);
	auto const is_there = [&] { return ::kill(started, 0) == 0; };
	for (int i = 0; i < 100 && is_there(); ++i)
	{
		std::this_thread::sleep_for(50ms); // until whoever has inherited it reaps it
	}
	std::ifstream stat("/proc/" + std::to_string(started) + "/stat");
	std::string const text{std::istreambuf_iterator<char>(stat), {}};
	EXPECT_TRUE(!is_there() || text.find(") Z ") != std::string::npos) << text;
}

TEST(run_program, ends_a_program_when_it_is_asked_to)
{
	std::stop_source stop;
	program_options options;
	options.stop = stop.get_token();
	std::jthread const asks([&] {
		std::this_thread::sleep_for(200ms);
		stop.request_stop();
	});
	auto const end = shell("sleep 600", options);
	EXPECT_TRUE(end.was_stopped);
	EXPECT_EQ(end.exit_code, 128 + SIGTERM);
}

TEST(run_program, does_not_wait_for_what_a_program_leaves_behind)
{
	auto const started = std::chrono::steady_clock::now();
	auto const end = shell("sleep 20 & echo started");
	EXPECT_EQ(end.output, "started\n");
	EXPECT_LT(std::chrono::steady_clock::now() - started, 15s);
}

TEST(run_program, waits_for_one_that_has_closed_its_output)
{
	EXPECT_EQ(shell("exec >&- 2>&-; sleep 1; exit 3").exit_code, 3);
}

TEST(run_program, finds_programs_as_a_shell_does)
{
	EXPECT_EQ(program_in_path("/bin/sh"), "/bin/sh");
	EXPECT_NE(program_in_path("sh"), "");
	EXPECT_EQ(program_in_path("no-such-program"), "");
	EXPECT_EQ(program_in_path("/etc/passwd"), "") << "it cannot be run";
	EXPECT_EQ(program_in_path("/usr/bin"), "") << "it is a folder";
	EXPECT_FALSE(run_program({"/no/such/program"}));
}

} // namespace

} // namespace rawswarm
