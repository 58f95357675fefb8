// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/job_phases.hpp"
#include "agent/job/step_clock.hpp"

#include <gtest/gtest.h>

namespace rawswarm
{

namespace
{

using namespace std::chrono_literals;

job_phases::clock::time_point at(std::chrono::seconds const t)
{
	return job_phases::clock::time_point(t);
}

} // namespace

TEST(job_phases, are_what_surrounds_the_time_of_the_targets)
{
	job_phases phases(1500ms);
	phases.enter(job_state::planning, at(10s));
	phases.enter(job_state::partitioning, at(12s));
	phases.leave(at(15s));
	phases.enter(job_state::finishing, at(100s));
	auto const all = phases.so_far(at(104s));
	ASSERT_EQ(all.size(), 4U);
	EXPECT_EQ(all[0].state, job_state::starting);
	EXPECT_EQ(all[0].elapsed, 1500ms);
	EXPECT_EQ(all[1].elapsed, 2s);
	EXPECT_EQ(all[2].elapsed, 3s);
	EXPECT_EQ(all[3].state, job_state::finishing);
	EXPECT_EQ(all[3].elapsed, 4s);
	phases.leave(at(105s));
	EXPECT_EQ(phases.so_far(at(200s)).back().elapsed, 5s);
}

TEST(step_clock, has_the_steps_that_are_over_in_the_order_of_their_ends)
{
	step_clock steps;
	steps.begin("gaps", at(1s));
	steps.begin("flush", at(2s));
	steps.end("flush", at(5s));
	steps.end("flush", at(9s)); // is over
	steps.end("sync", at(9s)); // has not begun
	ASSERT_EQ(steps.over().size(), 1U);
	EXPECT_EQ(steps.over()[0].name, "flush");
	EXPECT_EQ(steps.over()[0].elapsed, 3s);
	steps.end("gaps", at(11s));
	EXPECT_EQ(steps.over()[1].elapsed, 10s);
}

} // namespace rawswarm
