// SPDX-License-Identifier: BSD-3-Clause
// A mac says who has made a beacon, not when: what a watcher takes of signed beacons that are repeated.
#include "agent/beacon/beacon_mac.hpp"
#include "agent/beacon/beacon_question.hpp"
#include "agent/watch/beacon_desk.hpp"
#include "tests/unit/watch/room_sample.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace rawswarm
{

namespace
{

using namespace std::chrono_literals;
using test::beacon_of;
using test::of_boot;
using test::room_start;

constexpr auto* key = "secret";

std::string datagram_of(received_beacon const& b, std::vector<std::string> const& answers = {})
{
	return sign_beacon(encode_beacon(b.id, b.seq, b.p, answers), key);
}

// An agent as far as a watcher is concerned: its beacons, and the questions that reach it.
struct agent
{
	std::string name = "pc";
	std::string run = "run";
	std::uint64_t seq = 0;
	std::string boot = "boot";
	asked_tokens asked = {};

	std::string says(job_state const state)
	{
		return datagram_of(of_boot(beacon_of(name, state, ++seq), run, boot, 10), asked.next());
	}

	void hears(taken_beacon const& taken)
	{
		if (auto token = read_question(taken.question, key))
		{
			asked.note(std::move(*token));
		}
	}
};

beacon_desk desk_now()
{
	return beacon_desk(key, beacon_time::now, {});
}

taken_beacon take(beacon_desk& desk, std::string const& datagram, fleet_clock::duration const after = 0s)
{
	return desk.take("10.0.0.7:40000", datagram, room_start + after);
}

} // namespace

TEST(run_proof, a_run_is_taken_with_the_beacon_that_answers_and_from_then_on_without)
{
	auto desk = desk_now();
	agent pc;
	auto const first = take(desk, pc.says(job_state::starting));
	EXPECT_FALSE(first.answer.accepted);
	EXPECT_FALSE(first.is_beacon); // a recording is of what was taken for true
	EXPECT_EQ(desk.counts().unproven, 1U);
	ASSERT_FALSE(first.question.empty());
	pc.hears(first);
	EXPECT_EQ(take(desk, pc.says(job_state::downloading)).answer.news, fleet_news::appeared);
	for (int i = 0; i < 20; ++i)
	{
		auto const later = take(desk, pc.says(job_state::downloading), 1h);
		EXPECT_TRUE(later.answer.accepted);
		EXPECT_TRUE(later.question.empty());
	}
}

TEST(run_proof, what_was_recorded_yesterday_is_never_taken_whatever_it_answered_then)
{
	std::vector<std::string> recorded;
	{
		auto yesterday = desk_now();
		agent pc{.run = "old", .boot = "boot-1"};
		pc.hears(take(yesterday, pc.says(job_state::downloading)));
		recorded = {pc.says(job_state::downloading), pc.says(job_state::done)};
		EXPECT_TRUE(take(yesterday, recorded[1]).answer.accepted);
	}
	auto today = desk_now();
	for (auto const& datagram : recorded)
	{
		EXPECT_FALSE(take(today, datagram).answer.accepted);
	}
	EXPECT_EQ(today.machines().size(), 0U);
	// and the machine itself is not shut out
	agent pc{.run = "new", .boot = "boot-2"};
	pc.hears(take(today, pc.says(job_state::failed)));
	EXPECT_TRUE(take(today, pc.says(job_state::failed)).answer.accepted);
	EXPECT_FALSE(take(today, recorded[1], 1h).answer.accepted);
	EXPECT_EQ(today.machines().summary().failed, 1);
	EXPECT_EQ(today.machines().summary().done, 0);
}

TEST(run_proof, the_answer_to_another_watcher_is_none)
{
	auto other = desk_now();
	auto desk = desk_now();
	agent pc;
	pc.hears(take(other, pc.says(job_state::starting)));
	EXPECT_FALSE(take(desk, pc.says(job_state::downloading)).answer.accepted);
}

TEST(run_proof, a_run_that_was_replaced_does_not_come_back_by_what_it_answered)
{
	auto desk = desk_now();
	agent old{.run = "old", .boot = "boot-1"};
	old.hears(take(desk, old.says(job_state::starting)));
	auto const recorded = old.says(job_state::done);
	take(desk, recorded);
	agent fresh{.run = "fresh", .boot = "boot-2"};
	fresh.hears(take(desk, fresh.says(job_state::starting)));
	EXPECT_EQ(take(desk, fresh.says(job_state::done)).answer.news, fleet_news::restarted);
	EXPECT_FALSE(take(desk, recorded).answer.accepted);
	EXPECT_FALSE(take(desk, recorded, 24h).answer.accepted);
}

TEST(run_proof, a_token_is_worth_nothing_twenty_minutes_after_it_was_drawn)
{
	run_proof proof(key);
	auto b = beacon_of("pc", job_state::done);
	b.answers = {read_question(proof.question(room_start), key).value_or("")};
	EXPECT_TRUE(proof.is_given_by(b, room_start));
	EXPECT_TRUE(proof.is_given_by(b, room_start + 11min));
	EXPECT_FALSE(proof.is_given_by(b, room_start + 21min));
	// nor after a night in which nobody was heard
	run_proof idle(key);
	b.answers = {read_question(idle.question(room_start), key).value_or("")};
	EXPECT_FALSE(idle.is_given_by(b, room_start + 8h));
}

TEST(run_proof, no_watcher_asks_in_a_room_without_a_key)
{
	beacon_desk desk(std::nullopt, beacon_time::now, {});
	auto const b = beacon_of("pc", job_state::downloading);
	auto const taken = take(desk, encode_beacon(b.id, b.seq, b.p));
	EXPECT_TRUE(taken.answer.accepted);
	EXPECT_TRUE(taken.question.empty());
}

TEST(run_proof, a_recording_that_is_replayed_needs_none)
{
	beacon_desk desk(key, beacon_time::any, {});
	auto const taken = take(desk, datagram_of(beacon_of("pc", job_state::downloading)));
	EXPECT_TRUE(taken.answer.accepted);
	EXPECT_TRUE(taken.question.empty());
}

TEST(run_proof, who_was_heard_before_there_was_a_key_is_asked_then)
{
	beacon_desk desk(std::nullopt, beacon_time::now, {});
	agent pc;
	pc.asked.note("0123456789abcdef"); // whatever it answers, nobody had asked
	EXPECT_TRUE(take(desk, pc.says(job_state::downloading)).answer.accepted);
	desk.set_key(key);
	auto const taken = take(desk, pc.says(job_state::downloading));
	EXPECT_FALSE(taken.answer.accepted);
	pc.hears(taken);
	EXPECT_TRUE(take(desk, pc.says(job_state::downloading)).answer.accepted);
}

TEST(run_proof, the_same_key_again_changes_nothing)
{
	auto desk = desk_now();
	agent pc;
	pc.hears(take(desk, pc.says(job_state::starting)));
	desk.set_key(key);
	EXPECT_TRUE(take(desk, pc.says(job_state::downloading)).answer.accepted);
}

TEST(run_proof, one_that_does_not_answer_for_five_seconds_is_told_of_once)
{
	auto desk = desk_now();
	agent pc;
	::testing::internal::CaptureStderr();
	for (int second = 0; second < 20; ++second)
	{
		take(desk, pc.says(job_state::done), std::chrono::seconds(second));
	}
	auto const log = ::testing::internal::GetCapturedStderr();
	auto const said = log.find("do not answer this watcher's question");
	EXPECT_NE(said, std::string::npos) << log;
	EXPECT_EQ(log.find("do not answer", said + 1), std::string::npos) << log;
	EXPECT_EQ(desk.machines().size(), 0U);
	EXPECT_EQ(desk.counts().unproven, 20U);
}

} // namespace rawswarm
