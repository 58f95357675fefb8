// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/transfer_progress.hpp"

#include <gtest/gtest.h>

namespace rawswarm
{
namespace
{

using namespace std::chrono_literals;

// Ten bytes a second, of 1000, came and were written.
target_rates some_pace()
{
	target_rates rates;
	target_rates::clock::time_point now{1h};
	for (std::int64_t done = 100; done <= 400; done += 10, now += 1s)
	{
		rates.update(done, 1000, now);
		rates.wrote(done, now);
	}
	return rates;
}

target_progress shown(job_state const state, transfer_stats const& stats, std::chrono::seconds const stalled)
{
	target_progress p;
	p.state = state;
	p.total = 1000;
	p.done = 400;
	add_transfer(p, stats, stalled, some_pace());
	return p;
}

transfer_stats some_traffic()
{
	transfer_stats s;
	s.down = 100;
	s.up = 50;
	s.uploaded = 700;
	s.peers = 3;
	return s;
}

TEST(transfer_progress, time_left_is_what_lacks_by_the_rate_of_pieces)
{
	EXPECT_EQ(shown(job_state::downloading, some_traffic(), 9s).eta_s, 60);
	EXPECT_EQ(shown(job_state::verifying, some_traffic(), 9s).eta_s, 60);
	EXPECT_EQ(shown(job_state::flushing, some_traffic(), 0s).eta_s, std::nullopt) << "a sync ends it";
}

TEST(transfer_progress, what_goes_to_the_disk_is_shown_while_it_is_written)
{
	EXPECT_EQ(shown(job_state::downloading, some_traffic(), 0s).to_disk, 10);
	EXPECT_EQ(shown(job_state::flushing, some_traffic(), 0s).to_disk, 10);
	EXPECT_EQ(shown(job_state::seeding, some_traffic(), 0s).to_disk, 0);
}

TEST(transfer_progress, without_a_byte_for_ten_seconds_there_is_neither_a_rate_nor_a_time_left)
{
	auto const p = shown(job_state::downloading, some_traffic(), 10s);
	EXPECT_EQ(p.eta_s, std::nullopt);
	EXPECT_EQ(p.down, 0);
	EXPECT_EQ(p.up, 50);
	EXPECT_EQ(p.peers, 3);
}

TEST(transfer_progress, target_whose_traffic_another_one_shows_has_the_time_left_all_the_same)
{
	auto stats = some_traffic();
	stats.is_shown = false;
	auto const p = shown(job_state::downloading, stats, 0s);
	EXPECT_EQ(p.eta_s, 60);
	EXPECT_EQ(p.down, 0);
	EXPECT_EQ(p.uploaded, 0);
	EXPECT_EQ(p.peers, 3);
}

TEST(transfer_progress, target_that_is_done_has_no_rates)
{
	auto const p = shown(job_state::done, some_traffic(), 0s);
	EXPECT_EQ(p.up, 0);
	EXPECT_EQ(p.peers, 0);
	EXPECT_EQ(p.uploaded, 700);
}

} // namespace
} // namespace rawswarm
