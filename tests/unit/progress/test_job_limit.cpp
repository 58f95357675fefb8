// SPDX-License-Identifier: BSD-3-Clause
#include "agent/progress/job_limit.hpp"

#include <gtest/gtest.h>

namespace rawswarm
{

namespace
{

using namespace std::chrono_literals;

// A download that nothing particular can be said of.
download_figures figures()
{
	download_figures f;
	f.elapsed = 60s;
	f.flushed = 2s;
	f.rate = 50e6;
	f.best_rate = 90e6;
	f.program = 0.2;
	f.network_thread = 0.2;
	f.peers = 5;
	f.useful_peers = 4;
	return f;
}

} // namespace

TEST(job_limit, is_unclear_where_nothing_stands_out)
{
	auto const v = limit_of(figures());
	EXPECT_EQ(v.by, job_limit::unclear);
	EXPECT_EQ(v.text, "nothing in particular");
}

TEST(job_limit, is_unclear_if_it_took_no_time)
{
	auto f = figures();
	f.elapsed = 1s;
	f.flushed = 900ms;
	f.waiting_for_disk = 1;
	EXPECT_EQ(limit_of(f).by, job_limit::unclear);
}

TEST(job_limit, is_the_jobs_own_if_that_was_used)
{
	auto f = figures();
	f.job_limit = 60'000'000;
	auto const v = limit_of(f);
	EXPECT_EQ(v.by, job_limit::job);
	EXPECT_EQ(v.text, "the limit that the job sets: 47.7 MiB/s of 57.2 MiB/s");
	f.job_limit = 95'000'000; // the best seconds reach it
	EXPECT_EQ(limit_of(f).by, job_limit::job);
	f.job_limit = 120'000'000;
	EXPECT_EQ(limit_of(f).by, job_limit::unclear);
}

TEST(job_limit, is_the_disk_if_peers_waited_for_it)
{
	auto f = figures();
	f.waiting_for_disk = 0.4;
	auto const v = limit_of(f);
	EXPECT_EQ(v.by, job_limit::disk);
	EXPECT_EQ(v.text, "the disk: it was waited for 40 % of the download, and 2s at its end");
	f.waiting_for_disk = 0.25;
	EXPECT_EQ(limit_of(f).by, job_limit::unclear);
}

TEST(job_limit, is_the_disk_if_all_was_in_memory_long_before_it_was_written)
{
	auto f = figures();
	f.elapsed = 3s;
	f.flushed = 20s;
	f.program = 1;
	EXPECT_EQ(limit_of(f).by, job_limit::disk);
}

TEST(job_limit, is_the_network_if_the_card_was_full)
{
	auto f = figures();
	f.card = 60'000'000;
	f.program = 0.9;
	auto const v = limit_of(f);
	EXPECT_EQ(v.by, job_limit::network);
	EXPECT_EQ(v.text, "the network: 47.7 MiB/s of the 57.2 MiB/s that the card takes");
}

TEST(job_limit, is_the_network_if_what_came_was_steady)
{
	auto f = figures();
	f.best_rate = 55e6;
	auto const v = limit_of(f);
	EXPECT_EQ(v.by, job_limit::network);
	EXPECT_EQ(v.text, "the network: a steady 47.7 MiB/s, 91 % of its best seconds");
}

TEST(job_limit, is_the_processor_if_the_program_or_its_thread_of_the_network_had_all_of_it)
{
	auto f = figures();
	f.program = 0.85;
	EXPECT_EQ(limit_of(f).by, job_limit::processor);
	f = figures();
	f.network_thread = 0.85;
	EXPECT_EQ(limit_of(f).by, job_limit::processor);
	EXPECT_EQ(limit_of(f).text, "the processor: the thread of the network was busy 85 % of the time");
}

TEST(job_limit, is_peers_if_there_were_none_or_none_had_anything)
{
	auto f = figures();
	f.alone = 0.5;
	EXPECT_EQ(limit_of(f).by, job_limit::peers);
	EXPECT_EQ(limit_of(f).text, "peers: for 50 % of the time there was none");
	f = figures();
	f.idle = 0.5;
	EXPECT_EQ(limit_of(f).by, job_limit::peers);
}

TEST(job_limit, is_peers_if_the_room_waited_for_its_source)
{
	auto f = figures();
	f.best_rate = f.rate; // a source with a slow link sends as steadily as any
	f.useful_peers = 1.2;
	auto const v = limit_of(f);
	EXPECT_EQ(v.by, job_limit::peers);
	EXPECT_EQ(v.text, "peers: of 5 only 1.2 had anything that was lacking, the room waited for its source");
	f.peers = 2; // too few to tell
	EXPECT_EQ(limit_of(f).by, job_limit::network);
}

TEST(job_limit, is_peers_if_they_sent_steadily_less_than_the_card_takes)
{
	auto f = figures();
	f.best_rate = 55e6;
	f.card = 125'000'000;
	EXPECT_EQ(limit_of(f).by, job_limit::peers);
	f.best_rate = 90e6;
	EXPECT_EQ(limit_of(f).by, job_limit::unclear);
}

TEST(job_limit, has_a_name_for_each)
{
	EXPECT_STREQ(to_string(job_limit::unclear), "unclear");
	EXPECT_STREQ(to_string(job_limit::peers), "peers");
}

} // namespace rawswarm
