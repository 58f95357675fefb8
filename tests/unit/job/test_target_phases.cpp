// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/stall_timer.hpp"
#include "agent/job/target_phases.hpp"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace rawswarm
{

namespace
{

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

constexpr clock::time_point start{1000h};

using phase_list = std::vector<std::pair<job_state, std::chrono::milliseconds>>;

phase_list list_of(std::vector<phase_time> const& phases)
{
	phase_list list;
	for (auto const& p : phases)
	{
		list.emplace_back(p.state, p.elapsed);
	}
	return list;
}

} // namespace

TEST(target_phases, the_present_phase_lasts_until_now)
{
	target_phases const phases(start);
	EXPECT_EQ(phases.state(), job_state::planning);
	EXPECT_EQ(list_of(phases.phases(start + 3s)), (phase_list{{job_state::planning, 3s}}));
}

TEST(target_phases, each_phase_has_the_time_between_its_two_events)
{
	target_phases phases(start);
	EXPECT_TRUE(phases.apply(target_event::opened, start + 1s));
	EXPECT_TRUE(phases.apply(target_event::downloaded, start + 5s));
	EXPECT_EQ(phases.state(), job_state::flushing);
	EXPECT_EQ(list_of(phases.phases(start + 7s)),
		(phase_list{{job_state::planning, 1s}, {job_state::downloading, 4s}, {job_state::flushing, 2s}}));
}

TEST(target_phases, an_event_that_means_nothing_changes_nothing)
{
	target_phases phases(start);
	EXPECT_FALSE(phases.apply(target_event::downloaded, start + 1s));
	EXPECT_EQ(phases.state(), job_state::planning);
	EXPECT_EQ(list_of(phases.phases(start + 3s)), (phase_list{{job_state::planning, 3s}}));
}

TEST(target_phases, a_final_state_is_no_phase)
{
	target_phases phases(start);
	EXPECT_TRUE(phases.apply(target_event::error, start + 2s));
	EXPECT_EQ(phases.state(), job_state::failed);
	EXPECT_EQ(list_of(phases.phases(start + 9s)), (phase_list{{job_state::planning, 2s}}));
}

TEST(stall_timer, counts_from_the_last_byte)
{
	stall_timer timer(start);
	EXPECT_EQ(timer.stalled(start + 2s), 2s);
	timer.update(100, start + 3s);
	EXPECT_EQ(timer.stalled(start + 3s), 0s);
	timer.update(100, start + 8s);
	EXPECT_EQ(timer.stalled(start + 8s), 5s);
	timer.restart(start + 9s); // the next check begins
	timer.update(10, start + 10s);
	EXPECT_EQ(timer.stalled(start + 10s), 0s);
}

// Each wrong piece is counted as it arrives, and taken back.
TEST(stall_timer, who_sends_wrong_pieces_alone_makes_no_progress)
{
	stall_timer timer(start);
	timer.update(100, start);
	for (int i = 1; i <= 20; ++i)
	{
		timer.update(i % 2 == 0 ? 100 : 0, start + std::chrono::seconds(i));
	}
	EXPECT_EQ(timer.stalled(start + 20s), 20s);
}

TEST(stall_timer, a_step_to_another_state_is_progress)
{
	stall_timer timer(start);
	timer.restart(start + 4s);
	EXPECT_EQ(timer.stalled(start + 5s), 1s);
}

} // namespace rawswarm
