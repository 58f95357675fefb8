// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/job_progress.hpp"
#include "agent/job/write_tables.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <string>
#include <vector>

namespace rawswarm
{

namespace
{

manifest two_targets()
{
	manifest job;
	job.targets.resize(2);
	job.targets[0].device = "/dev/sda";
	job.targets[1].device = "/dev/sdb";
	job.targets[1].info_hash = std::string(40, '7');
	return job;
}

std::vector<target_progress> in_states(std::vector<job_state> const& states)
{
	std::vector<target_progress> targets;
	for (auto const state : states)
	{
		targets.emplace_back().state = state;
	}
	return targets;
}

job_status in_state(job_state const state)
{
	job_status status;
	status.state = state;
	return status;
}

error write_error()
{
	return fail(fault::device, "writing /dev/sda at 0x0: no more");
}

} // namespace

TEST(job_progress, a_job_with_work_after_its_targets_is_not_done_with_them)
{
	auto const job = two_targets();
	auto const targets = in_states({job_state::done, job_state::done});
	auto status = in_state(job_state::downloading);
	EXPECT_EQ(overall_progress(status, job, targets).state, job_state::done);
	status.is_to_finish = true;
	EXPECT_EQ(overall_progress(status, job, targets).state, job_state::finishing);
	status.state = job_state::finishing;
	EXPECT_EQ(overall_progress(status, job, targets).state, job_state::finishing);
	status.has_ended = true;
	EXPECT_EQ(overall_progress(status, job, targets).state, job_state::done);
}

TEST(job_progress, a_job_that_is_stopped_before_what_it_asks_for_has_failed)
{
	auto const job = two_targets();
	auto const targets = in_states({job_state::done, job_state::done});
	auto status = in_state(job_state::finishing);
	status.has_ended = true;
	status.signal = SIGTERM;
	EXPECT_EQ(overall_progress(status, job, targets).state, job_state::done) << "nothing was asked for";
	status.owes_finishing = true;
	auto const p = overall_progress(status, job, targets);
	EXPECT_EQ(p.state, job_state::failed);
	ASSERT_TRUE(p.error);
	EXPECT_EQ(p.error->text, "stopped by SIGTERM");
	EXPECT_EQ(p.error->code, 143);
}

TEST(job_progress, without_a_plan_the_targets_are_those_of_the_manifest)
{
	auto const p = overall_progress(in_state(job_state::planning), two_targets(), {});
	EXPECT_EQ(p.state, job_state::planning);
	ASSERT_EQ(p.targets.size(), 2U);
	EXPECT_EQ(p.targets[0].device, "/dev/sda");
	EXPECT_EQ(p.targets[1].info_hash, std::string(40, '7'));
	EXPECT_EQ(p.targets[1].state, job_state::planning);
	EXPECT_FALSE(p.error);
}

TEST(job_progress, all_targets_are_partitioning_while_a_table_is_written)
{
	auto const targets = in_states({job_state::planning, job_state::planning});
	auto status = in_state(job_state::partitioning);
	auto p = overall_progress(status, {}, targets);
	EXPECT_EQ(p.state, job_state::partitioning);
	EXPECT_EQ(p.targets[1].state, job_state::partitioning);

	status.has_ended = true;
	p = overall_progress(status, {}, in_states({job_state::failed, job_state::failed}));
	EXPECT_EQ(p.targets[1].state, job_state::failed);
}

TEST(job_progress, after_the_tables_the_target_furthest_behind_says_how_far_the_job_is)
{
	auto const p = overall_progress(
		in_state(job_state::downloading), {}, in_states({job_state::seeding, job_state::downloading}));
	EXPECT_EQ(p.state, job_state::downloading);
	EXPECT_EQ(p.targets[0].state, job_state::seeding);
}

TEST(job_progress, a_failure_is_shown_at_once_and_fails_the_job_once_it_has_ended)
{
	auto status = in_state(job_state::downloading);
	status.failure = write_error();
	auto const targets = in_states({job_state::failed, job_state::downloading});
	auto p = overall_progress(status, {}, targets);
	EXPECT_EQ(p.state, job_state::downloading);
	EXPECT_EQ(p.error->code, 5);
	EXPECT_EQ(p.error->text, "writing /dev/sda at 0x0: no more");

	status.has_ended = true;
	p = overall_progress(status, {}, targets);
	EXPECT_EQ(p.state, job_state::failed);
	EXPECT_EQ(exit_code_of(status), 5);
}

TEST(job_progress, a_failure_names_the_disks_whose_table_was_changed)
{
	auto status = in_state(job_state::partitioning);
	status.failure = write_error();
	status.tables = {{"/dev/sda", false, true}, {"/dev/sdb", true, false}};
	auto const p = overall_progress(status, {}, {});
	EXPECT_EQ(p.error->text, "writing /dev/sda at 0x0: no more" + what_was_changed(status.tables));
	EXPECT_NE(p.error->text.find("the partition table of /dev/sda was changed"), std::string::npos);
	EXPECT_EQ(p.tables.size(), 2U);
}

TEST(job_progress, a_job_that_a_signal_stopped_has_failed_unless_all_was_done)
{
	auto status = in_state(job_state::downloading);
	status.signal = SIGTERM;
	status.has_ended = true;
	auto p = overall_progress(status, {}, in_states({job_state::downloading}));
	EXPECT_EQ(p.state, job_state::failed);
	EXPECT_EQ(p.error->code, 143);
	EXPECT_EQ(p.error->text, "stopped by SIGTERM");

	p = overall_progress(status, {}, in_states({job_state::done}));
	EXPECT_EQ(p.state, job_state::done);
	EXPECT_FALSE(p.error);
	EXPECT_EQ(exit_code_of(status), 143); // the program was stopped all the same
}

TEST(job_progress, a_failure_comes_before_a_signal)
{
	auto status = in_state(job_state::downloading);
	status.signal = SIGINT;
	status.failure = write_error();
	EXPECT_EQ(exit_code_of(status), 5);
	EXPECT_EQ(overall_progress(status, {}, in_states({job_state::failed})).error->code, 5);
	status.failure.reset();
	EXPECT_EQ(exit_code_of(status), 130);
	status.signal = 0;
	EXPECT_EQ(exit_code_of(status), 0);
}

} // namespace rawswarm
