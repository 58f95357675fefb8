// SPDX-License-Identifier: BSD-3-Clause
// What a fleet knows of the order of datagrams and runs: loss, reordering, repetition, restarts; and its
// bounds.
#include "agent/watch/fleet.hpp"
#include "tests/unit/watch/room_sample.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace rawswarm
{

namespace
{

using namespace std::chrono_literals;
using test::beacon_of;
using test::of_boot;
using test::room_start;

received_beacon at_work(std::uint64_t seq)
{
	return beacon_of("pc", job_state::downloading, seq);
}

fleet_agent const& only_one(fleet const& f)
{
	return *f.agents().at(0);
}

received_beacon run_of(
	std::string const& run, std::string const& boot, std::int64_t start, std::uint64_t seq = 1)
{
	return of_boot(at_work(seq), run, boot, start);
}

} // namespace

TEST(fleet_loss, missing_numbers_are_lost_datagrams)
{
	fleet f({});
	f.apply(at_work(7), room_start); // those before the first were not for this watcher
	EXPECT_EQ(only_one(f).lost, 0U);
	f.apply(at_work(8), room_start);
	f.apply(at_work(12), room_start);
	EXPECT_EQ(only_one(f).lost, 3U);
	EXPECT_EQ(only_one(f).received, 3U);
	EXPECT_EQ(f.totals().lost, 3U);
}

TEST(fleet_loss, one_that_comes_late_is_no_longer_lost_and_is_not_shown)
{
	fleet f({});
	f.apply(at_work(1), room_start);
	f.apply(at_work(4), room_start);
	EXPECT_FALSE(f.apply(at_work(3), room_start).accepted);
	EXPECT_EQ(only_one(f).lost, 1U);
	EXPECT_FALSE(f.apply(at_work(3), room_start).accepted); // twice
	EXPECT_FALSE(f.apply(at_work(4), room_start).accepted);
	EXPECT_EQ(only_one(f).lost, 1U);
	f.apply(at_work(2), room_start);
	EXPECT_EQ(only_one(f).lost, 0U);
	EXPECT_EQ(only_one(f).received, 4U);
}

TEST(fleet_loss, one_from_before_the_first_is_not_counted)
{
	fleet f({});
	f.apply(at_work(7), room_start);
	f.apply(at_work(9), room_start);
	f.apply(at_work(6), room_start);
	EXPECT_EQ(only_one(f).lost, 1U);
}

TEST(fleet_loss, a_restart_is_no_loss_and_keeps_what_was_counted)
{
	fleet f({});
	f.apply(run_of("one", "boot", 1000, 1), room_start);
	f.apply(run_of("one", "boot", 1000, 3), room_start);
	f.apply(run_of("two", "boot", 5000, 40), room_start);
	EXPECT_EQ(only_one(f).lost, 1U);
	f.apply(run_of("two", "boot", 5000, 42), room_start);
	EXPECT_EQ(only_one(f).lost, 2U);
}

TEST(fleet_loss, made_up_numbers_do_not_overflow)
{
	fleet f({});
	f.apply(at_work(0), room_start);
	f.apply(at_work(std::numeric_limits<std::uint64_t>::max()), room_start);
	EXPECT_EQ(only_one(f).lost, std::uint64_t(1) << 53);
	for (int i = 0; i < 300; ++i)
	{
		auto b = beacon_of(std::to_string(i), job_state::downloading);
		b.p.targets.assign(16, b.p.targets[0]);
		for (auto& t : b.p.targets)
		{
			t.total = t.done = t.down = std::int64_t(1) << 53;
		}
		f.apply(b, room_start);
	}
	EXPECT_EQ(f.totals().done, f.totals().total);
	EXPECT_GT(f.totals().total, 0);
}

TEST(fleet_runs, of_one_boot_the_run_that_started_later_stays_whichever_is_heard_first)
{
	fleet f({});
	f.apply(run_of("new", "boot", 90'000), room_start);
	EXPECT_FALSE(f.apply(run_of("old", "boot", 10'000, 500), room_start).accepted);
	EXPECT_FALSE(f.apply(run_of("old", "boot", 10'000, 501), room_start + 1h).accepted);
	EXPECT_EQ(f.apply(run_of("newer", "boot", 95'000), room_start).news, fleet_news::restarted);
	EXPECT_EQ(only_one(f).last.id.run, "newer");
}

TEST(fleet_runs, of_two_boots_the_one_that_is_heard_keeps_its_place)
{
	fleet f({});
	f.apply(run_of("live", "boot-2", 10, 1), room_start);
	auto const answer = f.apply(run_of("old", "boot-1", 10, 700), room_start + 1s);
	EXPECT_FALSE(answer.accepted);
	ASSERT_NE(answer.rival_of, nullptr);
	EXPECT_EQ(answer.rival_of->last.id.run, "live");
	f.apply(run_of("live", "boot-2", 10, 2), room_start + 2s);
	EXPECT_EQ(f.apply(run_of("old", "boot-1", 10, 701), room_start + 3s).rival_of, nullptr); // said once
	EXPECT_TRUE(only_one(f).rival);
}

TEST(fleet_runs, a_machine_that_was_started_again_is_taken_once_its_old_run_is_not_heard)
{
	fleet f({});
	f.apply(run_of("before", "boot-1", 10, 70), room_start);
	EXPECT_EQ(f.apply(run_of("after", "boot-2", 10, 1), room_start + 3s).news, fleet_news::restarted);
	EXPECT_FALSE(f.apply(run_of("before", "boot-1", 10, 71), room_start + 1h).accepted);
}

TEST(fleet_runs, a_run_that_has_ended_gives_way_at_once)
{
	fleet f({});
	auto b = run_of("before", "boot-1", 10, 70);
	b.p.state = job_state::done;
	f.apply(b, room_start);
	EXPECT_EQ(f.apply(run_of("after", "boot-2", 10, 1), room_start).news, fleet_news::restarted);
}

TEST(fleet_runs, a_run_of_an_earlier_version_does_not_take_the_place_of_one_that_is_heard)
{
	fleet f({});
	f.apply(run_of("live", "boot", 10, 1), room_start);
	EXPECT_FALSE(f.apply(run_of("old", "", 0, 1), room_start).accepted);
	fleet of_old({});
	of_old.apply(run_of("old", "", 0, 1), room_start);
	EXPECT_EQ(of_old.apply(run_of("live", "boot", 10, 1), room_start).news, fleet_news::restarted);
}

TEST(fleet_totals, servers_are_not_the_room)
{
	fleet f({});
	f.apply(beacon_of("server", job_state::seeding, 1, 1000), room_start);
	EXPECT_EQ(f.totals().total, 0);
	f.apply(beacon_of("a", job_state::downloading, 1, 250), room_start);
	auto b = beacon_of("b", job_state::downloading, 1, 500);
	b.p.targets[0].eta_s = 70;
	f.apply(b, room_start);
	EXPECT_EQ(f.totals().total, 2000);
	EXPECT_EQ(f.totals().done, 750);
	EXPECT_EQ(f.totals().eta_s, 70);
	// a machine that was imaged and serves others stays in it
	f.apply(beacon_of("a", job_state::seeding, 2, 1000), room_start);
	EXPECT_EQ(f.totals().done, 1500);
}

TEST(fleet_totals, who_is_silent_has_no_rate_and_no_end)
{
	fleet f({.silence = 10s});
	auto b = beacon_of("a", job_state::downloading);
	b.p.targets[0].eta_s = 70;
	f.apply(b, room_start);
	f.find_silent(room_start + 10s);
	EXPECT_EQ(f.totals().down, 0);
	EXPECT_EQ(f.totals().eta_s, std::nullopt);
	EXPECT_EQ(f.totals().total, 1000);
}

TEST(fleet_memory, beyond_its_bytes_a_beacon_is_kept_with_one_target_and_short_texts)
{
	fleet f({.max_bytes = 20'000});
	for (int i = 0; i < 50; ++i)
	{
		auto b = beacon_of(std::to_string(i), job_state::failed);
		b.p.targets.assign(16, b.p.targets[0]);
		b.p.error = progress_error{5, std::string(900, 'e')};
		EXPECT_TRUE(f.apply(b, room_start).accepted);
	}
	std::size_t whole = 0;
	for (auto const* agent : f.agents())
	{
		bool const is_whole = agent->last.p.targets.size() == 16;
		whole += is_whole ? 1 : 0;
		EXPECT_TRUE(is_whole || (agent->last.p.targets.size() == 1 && agent->last.p.error->text.size() < 60));
		EXPECT_EQ(agent->last.p.error->code, 5);
		EXPECT_EQ(agent->last.targets_total, 1U);
	}
	EXPECT_GE(whole, 2U);
	EXPECT_LE(whole, 4U);
}

TEST(fleet_memory, who_is_expected_has_a_place_and_whole_beacons_however_many_strangers_there_are)
{
	fleet f({.max_agents = 20, .max_bytes = 4'000, .is_expected = [](std::string_view const agent) {
				 return agent.ends_with(":pc");
			 }});
	auto const long_one = [](std::string const& host) {
		auto b = beacon_of(host, job_state::failed);
		b.p.error = progress_error{5, std::string(900, 'e')};
		return b;
	};
	for (int i = 0; i < 100; ++i)
	{
		f.apply(long_one(std::to_string(i)), room_start);
	}
	EXPECT_EQ(f.size(), 20U);
	auto const answer = f.apply(long_one("pc"), room_start);
	ASSERT_TRUE(answer.accepted);
	EXPECT_EQ(answer.agent->last.p.error->text.size(), 900U);
	EXPECT_FALSE(f.apply(long_one("pc-2"), room_start).accepted);
	EXPECT_TRUE(f.apply(beacon_of("19", job_state::done, 2), room_start).accepted); // who was first stays
	EXPECT_EQ(f.size(), 21U);
}

TEST(fleet_memory, what_an_agent_no_longer_says_makes_room)
{
	fleet f({.max_bytes = 4'000});
	for (std::uint64_t seq = 1; seq < 100; ++seq)
	{
		auto b = beacon_of("a", job_state::failed, seq);
		b.p.error = progress_error{5, std::string(900, 'e')};
		f.apply(b, room_start);
		ASSERT_EQ(only_one(f).last.p.error->text.size(), 900U) << seq;
	}
}

} // namespace rawswarm
