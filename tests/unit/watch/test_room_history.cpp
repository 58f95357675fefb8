// SPDX-License-Identifier: BSD-3-Clause
#include "tests/unit/watch/history_sample.hpp"

namespace rawswarm
{

namespace
{

using namespace std::chrono_literals;
using test::room_sample;
using test::sample_beacon;

std::vector<job_state> phases_of(machine_history const& machine)
{
	std::vector<job_state> list;
	for (auto const& phase : machine.phases)
	{
		list.push_back(phase.state);
	}
	return list;
}

received_beacon with_rates(received_beacon b, std::int64_t down, std::int64_t up)
{
	b.p.targets.front().down = down;
	b.p.targets.front().up = up;
	return b;
}

} // namespace

TEST(room_history, each_state_is_a_phase_that_begins_when_it_is_heard)
{
	room_sample room;
	auto const began = room.now;
	room.hear(sample_beacon(1, 1, job_state::starting));
	room.pass(2s);
	room.hear(sample_beacon(1, 2, job_state::downloading));
	room.pass(3s);
	room.hear(sample_beacon(1, 3, job_state::downloading, 500));
	room.hear(sample_beacon(1, 4, job_state::done, 1000));
	auto const& machine = room.history.machines().front();
	EXPECT_EQ(
		phases_of(machine), (std::vector{job_state::starting, job_state::downloading, job_state::done}));
	EXPECT_EQ(machine.phases[1].began, began + 2s);
	EXPECT_EQ(machine.phases[2].began, began + 5s);
	EXPECT_TRUE(machine.phases[0].first);
	EXPECT_FALSE(machine.phases[1].first);
}

TEST(room_history, another_run_begins_phases_and_rates_anew)
{
	room_sample room;
	room.hear(with_rates(sample_beacon(1, 9, job_state::downloading), 100, 0));
	room.pass(4s);
	auto again = sample_beacon(1, 1, job_state::downloading);
	again.id.run = "run-2";
	room.hear(again);
	room.pass(1s);
	auto const& machine = room.history.machines().front();
	EXPECT_EQ(machine.runs, 2);
	EXPECT_EQ(phases_of(machine), (std::vector{job_state::downloading, job_state::downloading}));
	EXPECT_TRUE(machine.phases[1].first);
	EXPECT_EQ(machine.rates.length(), 1s);
	EXPECT_EQ(room.history.rates().length(), 5s);
}

TEST(room_history, phases_and_samples_are_bounded)
{
	room_sample room;
	room.hear(sample_beacon(1, 1, job_state::starting));
	for (std::uint64_t i = 2; i < 1000; ++i)
	{
		room.hear(sample_beacon(1, i, i % 2 == 0 ? job_state::checking : job_state::downloading));
		room.pass(1s);
	}
	auto const& machine = room.history.machines().front();
	EXPECT_EQ(machine.phases.size(), max_phases);
	EXPECT_LE(machine.rates.samples().size(), max_machine_samples);
	EXPECT_LE(room.history.rates().samples().size(), max_room_samples);
}

TEST(room_history, the_rooms_rates_are_those_of_machines_that_are_heard_and_at_work)
{
	room_sample room;
	room.hear(with_rates(sample_beacon(1, 1, job_state::downloading), 100, 10));
	room.hear(with_rates(sample_beacon(2, 1, job_state::seeding), 0, 90));
	room.hear(with_rates(sample_beacon(3, 1, job_state::failed), 40, 40));
	room.pass(1s);
	EXPECT_EQ(room.history.rates().samples().back().down, 100);
	EXPECT_EQ(room.history.rates().samples().back().up, 100);
	room.pass(12s); // nobody is heard any more
	EXPECT_EQ(room.history.rates().samples().back().down, 0);
}

TEST(room_history, a_machine_that_is_over_has_no_more_samples)
{
	room_sample room;
	room.hear(with_rates(sample_beacon(1, 1, job_state::downloading), 100, 0));
	room.pass(3s);
	room.hear(sample_beacon(1, 2, job_state::done, 1000));
	room.pass(100s);
	EXPECT_EQ(room.history.machines().front().rates.length(), 3s);
}

TEST(room_history, machines_are_found_by_numbers_that_they_keep)
{
	room_sample room;
	room.hear(sample_beacon(7, 1, job_state::starting));
	room.hear(sample_beacon(3, 1, job_state::starting));
	room.hear(sample_beacon(7, 2, job_state::done));
	ASSERT_NE(room.history.find(1), nullptr);
	EXPECT_EQ(room.history.find(1)->agent->last.id.host, "pc-7");
	EXPECT_EQ(room.history.find(2)->agent->last.id.host, "pc-3");
	EXPECT_EQ(room.history.find(0), nullptr);
	EXPECT_EQ(room.history.find(3), nullptr);
}

TEST(room_history, a_machine_has_changed_when_it_was_heard_or_fell_silent)
{
	room_sample room;
	room.hear(sample_beacon(1, 1, job_state::downloading));
	room.pass(1s);
	auto const& machine = room.history.machines().front();
	EXPECT_EQ(machine.changed, room.history.ticks());
	room.pass(1s);
	EXPECT_LT(machine.changed, room.history.ticks());
	room.pass(8s);
	EXPECT_TRUE(machine.agent->silent);
	EXPECT_EQ(machine.changed, room.history.ticks());
}

} // namespace rawswarm
