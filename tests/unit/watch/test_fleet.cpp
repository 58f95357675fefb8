// SPDX-License-Identifier: BSD-3-Clause
#include "agent/watch/fleet.hpp"
#include "agent/watch/fleet_text.hpp"
#include "tests/unit/watch/fleet_sample.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace rawswarm
{

namespace
{

using namespace std::chrono_literals;
using test::a_beacon;
using test::of_agent;

constexpr fleet_clock::time_point start{};

received_beacon of_run(std::string const& run, std::uint64_t seq, job_state state)
{
	auto b = a_beacon(seq, state);
	b.id.run = run;
	return b;
}

} // namespace

TEST(fleet, a_new_agent_and_each_change_of_state_is_news)
{
	fleet f({});
	EXPECT_EQ(f.apply(a_beacon(1, job_state::starting), start).news, fleet_news::appeared);
	EXPECT_EQ(f.apply(a_beacon(2, job_state::starting), start).news, fleet_news::none);
	EXPECT_EQ(f.apply(a_beacon(3, job_state::downloading), start).news, fleet_news::changed);
	EXPECT_EQ(f.apply(a_beacon(4, job_state::downloading), start).news, fleet_news::none);
}

TEST(fleet, progress_is_news_every_tenth_or_every_five_seconds)
{
	fleet f({});
	f.apply(a_beacon(1, job_state::downloading, 0), start);
	EXPECT_EQ(f.apply(a_beacon(2, job_state::downloading, 99), start + 1s).news, fleet_news::none);
	EXPECT_EQ(f.apply(a_beacon(3, job_state::downloading, 100), start + 2s).news, fleet_news::progressed);
	EXPECT_EQ(f.apply(a_beacon(4, job_state::downloading, 110), start + 6s).news, fleet_news::none);
	EXPECT_EQ(f.apply(a_beacon(5, job_state::downloading, 120), start + 7s).news, fleet_news::progressed);
	EXPECT_EQ(f.apply(a_beacon(6, job_state::downloading, 120), start + 20s).news, fleet_news::none);
}

TEST(fleet, final_beacons_sent_three_times_are_news_once)
{
	fleet f({});
	f.apply(a_beacon(1, job_state::seeding, 1000), start);
	EXPECT_EQ(f.apply(a_beacon(2, job_state::done, 1000), start).news, fleet_news::changed);
	EXPECT_EQ(f.apply(a_beacon(3, job_state::done, 1000), start).news, fleet_news::none);
	EXPECT_EQ(f.apply(a_beacon(4, job_state::done, 1000), start + 9s).news, fleet_news::none);
}

TEST(fleet, a_reordered_or_repeated_datagram_is_ignored)
{
	fleet f({});
	f.apply(a_beacon(5, job_state::done), start);
	EXPECT_FALSE(f.apply(a_beacon(4, job_state::downloading), start).accepted);
	EXPECT_FALSE(f.apply(a_beacon(5, job_state::done), start).accepted);
	EXPECT_EQ(f.summary().done, 1);
	EXPECT_TRUE(f.apply(a_beacon(6, job_state::done), start).accepted);
}

TEST(fleet, a_new_run_of_a_machine_replaces_the_old_for_good)
{
	fleet f({});
	f.apply(of_run("run-1", 90, job_state::failed), start);
	auto const answer = f.apply(of_run("run-2", 1, job_state::starting), start);
	EXPECT_EQ(answer.news, fleet_news::restarted);
	EXPECT_EQ(f.size(), 1u);
	EXPECT_EQ(f.summary().failed, 0);
	EXPECT_FALSE(f.apply(of_run("run-1", 91, job_state::failed), start).accepted);
	EXPECT_EQ(f.apply(of_run("run-3", 1, job_state::done), start).news, fleet_news::restarted);
	EXPECT_FALSE(f.apply(of_run("run-2", 99, job_state::failed), start).accepted);
	EXPECT_EQ(f.summary().done, 1);
}

TEST(fleet, an_agent_without_a_mac_is_known_by_its_host)
{
	fleet f({});
	auto b = a_beacon(1, job_state::downloading);
	b.id.agent.clear();
	f.apply(b, start);
	b.id.host = "pc-08";
	f.apply(b, start);
	EXPECT_EQ(f.size(), 2u);
}

TEST(fleet, an_error_without_a_change_of_state_is_news_once)
{
	fleet f({});
	f.apply(a_beacon(1, job_state::downloading), start);
	auto b = a_beacon(2, job_state::downloading);
	b.p.targets[0].error = "writing /dev/sda1: Input/output error";
	EXPECT_EQ(f.apply(b, start).news, fleet_news::changed);
	b.seq = 3;
	EXPECT_EQ(f.apply(b, start).news, fleet_news::none);
}

TEST(fleet, silence_is_reported_once_and_ends_with_the_next_beacon)
{
	fleet f({.silence = 10s});
	f.apply(a_beacon(1, job_state::downloading), start);
	EXPECT_TRUE(f.find_silent(start + 9s).empty());
	ASSERT_EQ(f.find_silent(start + 10s).size(), 1u);
	EXPECT_TRUE(f.find_silent(start + 11s).empty());
	EXPECT_EQ(f.summary().silent, 1);
	EXPECT_EQ(f.apply(a_beacon(2, job_state::downloading), start + 12s).news, fleet_news::returned);
	EXPECT_EQ(f.summary().silent, 0);
	EXPECT_EQ(f.find_silent(start + 22s).size(), 1u);
}

TEST(fleet, an_agent_that_has_ended_may_be_silent)
{
	fleet f({});
	f.apply(of_agent("a", job_state::done), start);
	f.apply(of_agent("b", job_state::failed), start);
	EXPECT_TRUE(f.find_silent(start + 1h).empty());
}

TEST(fleet, more_agents_than_there_is_room_for_are_ignored)
{
	fleet f({.max_agents = 2});
	f.apply(of_agent("a", job_state::done), start);
	f.apply(of_agent("b", job_state::done), start);
	EXPECT_FALSE(f.is_full());
	EXPECT_FALSE(f.apply(of_agent("c", job_state::done), start).accepted);
	EXPECT_TRUE(f.is_full());
	EXPECT_EQ(f.size(), 2u);
	EXPECT_TRUE(f.apply(of_agent("b", job_state::done, 2), start).accepted);
}

TEST(fleet, the_first_failure_gives_the_code)
{
	fleet f({});
	auto late = of_agent("a", job_state::failed);
	late.p.error = progress_error{6, "verifying"};
	auto early = of_agent("b", job_state::failed);
	early.p.error = progress_error{5, "writing"};
	f.apply(early, start + 1s);
	f.apply(late, start + 2s);
	early.seq = 2; // sent again at the end: does not make it later
	f.apply(early, start + 3s);
	EXPECT_EQ(f.summary().first_failure, 5);
}

TEST(fleet, a_failure_without_a_code_is_an_error_of_the_program)
{
	fleet f({});
	f.apply(of_agent("a", job_state::failed), start);
	EXPECT_EQ(f.summary().first_failure, 1);
}

TEST(wait, ends_when_all_expected_are_done)
{
	EXPECT_EQ(wait_is_over({.done = 2, .working = 1}, 3, false), std::nullopt);
	EXPECT_EQ(wait_is_over({.done = 3}, 3, false), 0);
	EXPECT_EQ(wait_is_over({.done = 3, .failed = 1, .first_failure = 5}, 3, false), 0);
	EXPECT_EQ(wait_is_over({.done = 3}, 3, true), 0);
}

TEST(wait, goes_on_after_a_failure_until_the_others_have_ended)
{
	EXPECT_EQ(
		wait_is_over({.done = 1, .failed = 1, .working = 1, .first_failure = 5}, 3, false), std::nullopt);
	EXPECT_EQ(
		wait_is_over({.done = 1, .failed = 1, .seeding = 1, .first_failure = 5}, 3, false), std::nullopt);
	EXPECT_EQ(wait_is_over({.done = 1, .failed = 1, .first_failure = 5}, 3, false), std::nullopt);
	EXPECT_EQ(wait_is_over({.done = 2, .failed = 1, .first_failure = 5}, 3, false), 5);
	// A server that seeds for ever does not hold it up.
	EXPECT_EQ(wait_is_over({.done = 2, .failed = 1, .seeding = 1, .first_failure = 5}, 3, false), 5);
}

TEST(wait, silence_and_the_time_limit_give_seven_unless_one_failed)
{
	EXPECT_EQ(wait_is_over({.done = 2, .silent = 1}, 3, false), 7);
	EXPECT_EQ(wait_is_over({.done = 1, .failed = 1, .silent = 1, .first_failure = 4}, 3, false), 4);
	EXPECT_EQ(wait_is_over({.done = 2, .working = 1}, 3, true), 7);
	EXPECT_EQ(wait_is_over({}, 3, true), 7);
	EXPECT_EQ(wait_is_over({.failed = 1, .working = 2, .first_failure = 5}, 3, true), 5);
}

TEST(wait, without_expect_never_ends)
{
	EXPECT_EQ(wait_is_over({.done = 5}, 0, true), std::nullopt);
}

TEST(fleet_line, has_all_columns)
{
	fleet f({});
	auto const* agent = f.apply(a_beacon(1, job_state::downloading, 431), start).agent;
	ASSERT_NE(agent, nullptr);
	EXPECT_EQ(fleet_line("12:00:03", fleet_news::appeared, *agent),
		"12:00:03  pc-07            52:54:00:12:34:56"
		"  downloading    43.1%   112.0 MiB/s    12 peers  /dev/sda1");
}

TEST(fleet_line, tells_errors_silence_and_targets_left_out)
{
	fleet f({});
	auto b = a_beacon(1, job_state::failed);
	b.targets_total = 3;
	b.p.error = progress_error{5, "writing /dev/sda1: Input/output error"};
	auto const failed = fleet_line("x", fleet_news::changed, *f.apply(b, start).agent);
	EXPECT_NE(failed.find("/dev/sda1 and 2 more: error 5: writing /dev/sda1: Input/output error"),
		std::string::npos);
	auto const silent =
		fleet_line("x", fleet_news::silent, *f.apply(of_agent("b", job_state::flushing), start).agent);
	EXPECT_NE(silent.find("  silent "), std::string::npos);
	EXPECT_NE(silent.find("(last heard flushing)"), std::string::npos);
}

TEST(fleet_line, nothing_from_the_network_drives_the_terminal)
{
	fleet f({});
	auto b = a_beacon(1, job_state::failed);
	b.id.host = "\x1b]0;owned\x07\n";
	b.id.agent = "\x1b[2J";
	b.p.targets[0].device = "/dev/\r\xc2\x9b"
							"31m";
	b.p.error = progress_error{5, "\x1b[1A\nfake line"};
	auto const line = fleet_line("x", fleet_news::appeared, *f.apply(b, start).agent);
	for (auto const c : line)
	{
		EXPECT_GE(static_cast<unsigned char>(c), 0x20u) << line;
	}
	EXPECT_EQ(line.find("\xc2\x9b"), std::string::npos);
}

} // namespace rawswarm
