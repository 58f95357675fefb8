// SPDX-License-Identifier: BSD-3-Clause
#include "agent/progress/final_lines.hpp"
#include "base/bytes.hpp"

#include <gtest/gtest.h>

namespace rawswarm
{

namespace
{

using namespace std::chrono_literals;
using lines = std::vector<std::string>;

progress done()
{
	progress p;
	p.state = job_state::done;
	p.uptime = 471s;
	p.phases = {{job_state::starting, 1200ms}, {job_state::planning, 80ms}, {job_state::partitioning, 1230ms},
		{job_state::finishing, 3400ms}};
	target_progress t;
	t.device = "/dev/sda";
	t.total = t.done = t.fetched = 3'700 * static_cast<std::int64_t>(1_MiB);
	t.wire_fetched = 1_GiB;
	t.phases = {{job_state::planning, 1300ms}, {job_state::downloading, 370s}, {job_state::flushing, 12s},
		{job_state::verifying, 62s}, {job_state::seeding, 15s}};
	t.steps = {{"gaps", 4s}, {"flush", 2s}, {"sync", 10s}};
	p.targets = {t};
	p.limit = limit_verdict{job_limit::disk, "the disk: it was slow"};
	return p;
}

} // namespace

TEST(final_lines, say_how_long_each_phase_took_and_what_the_limit_was)
{
	EXPECT_EQ(final_lines(done()),
		(lines{"7m52s in all: job 1.2s, plan 0.1s, table 1.2s, finishing 3.4s",
			"/dev/sda: 3.6 GiB, 1.0 GiB over the network: download 6m10s (10.0 MiB/s), flush 12s (gaps 4.0s, "
			"sync "
			"10s), readback 1m02s (59.7 MiB/s), serving 15s",
			"the limit was the disk: it was slow"}));
}

TEST(final_lines, are_none_of_what_is_no_job)
{
	auto p = done();
	p.phases.clear();
	EXPECT_EQ(final_lines(p), lines());
}

TEST(final_lines, leave_out_what_took_no_time_and_a_limit_that_is_not_known)
{
	auto p = done();
	p.phases = {{job_state::starting, 10ms}};
	p.limit.reset();
	p.targets[0].phases = {{job_state::downloading, 20ms}};
	p.targets[0].wire_fetched = 0;
	EXPECT_EQ(final_lines(p), (lines{"7m51s in all", "/dev/sda: 3.6 GiB"}));
}

TEST(final_lines, are_few_whatever_number_of_targets_there_is)
{
	auto p = done();
	p.targets.resize(128, p.targets.front());
	auto const all = final_lines(p);
	ASSERT_EQ(all.size(), 11U);
	EXPECT_EQ(all[9], "and 120 more targets");
}

} // namespace rawswarm
