// SPDX-License-Identifier: BSD-3-Clause
#include "agent/progress/limit_watch.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace rawswarm
{

namespace
{

using namespace std::chrono_literals;

class limit_watch_test : public ::testing::Test
{
protected:
	// Samples for so long, four a second.
	void run(std::chrono::seconds const time, std::function<void(download_sample&)> const& step)
	{
		for (auto const end = m_now + time; m_now <= end; m_now += 250ms)
		{
			m_watch.update(m_sample, m_now);
			step(m_sample);
		}
	}

	download_figures figures() const { return m_watch.figures(); }

	limit_watch m_watch;
	download_sample m_sample;
	limit_watch::clock::time_point m_now{1h};
};

void arrive(download_sample& s)
{
	s.wire_bytes += 1'000'000;
	s.peers = 4;
	s.useful_peers = 2;
	s.asked_peers = 1;
}

} // namespace

TEST_F(limit_watch_test, knows_nothing_before_the_second_sample)
{
	EXPECT_EQ(figures().elapsed, 0ms);
	m_sample.wire_bytes = 1; // came before
	m_watch.update(m_sample, m_now);
	EXPECT_EQ(figures().rate, 0);
}

TEST_F(limit_watch_test, a_steady_stream_has_a_mean_rate_that_is_its_best)
{
	arrive(m_sample);
	run(20s, arrive);
	auto const f = figures();
	EXPECT_EQ(f.elapsed, 20s);
	EXPECT_NEAR(f.rate, 4e6, 1);
	EXPECT_NEAR(f.best_rate, 4e6, 1);
	EXPECT_NEAR(f.peers, 4, 0.1);
	EXPECT_NEAR(f.useful_peers, 2, 0.1);
	EXPECT_EQ(f.idle, 0);
	EXPECT_EQ(f.alone, 0);
}

TEST_F(limit_watch_test, bursts_have_a_best_rate_far_above_the_mean)
{
	int n = 0;
	run(40s, [&](download_sample& s) {
		s.asked_peers = s.peers = 1;
		s.wire_bytes += n++ / 4 % 4 == 0 ? 1'000'000 : 0;
	});
	EXPECT_GT(figures().best_rate, figures().rate * 2.5);
}

TEST_F(limit_watch_test, too_few_seconds_have_no_best_rate)
{
	run(3s, arrive);
	EXPECT_EQ(figures().best_rate, 0);
}

TEST_F(limit_watch_test, a_wait_for_the_disk_counts_whole_though_it_is_told_at_its_end)
{
	arrive(m_sample);
	run(10s, arrive);
	run(10s, [](download_sample& s) { s.is_pool_full = true; });
	m_sample.stopped += 10s;
	m_watch.update(m_sample, m_now);
	EXPECT_NEAR(figures().waiting_for_disk, 0.5, 0.02);
	EXPECT_EQ(figures().idle, 0) << "nothing is asked of peers that wait for the disk";
}

TEST_F(limit_watch_test, a_full_pool_is_a_wait_for_the_disk_where_there_are_web_seeds)
{
	run(10s, [](download_sample& s) {
		s.wire_bytes += 1000;
		s.is_pool_full = s.is_web_seeded = true;
	});
	EXPECT_NEAR(figures().waiting_for_disk, 1, 0.03);
}

TEST_F(limit_watch_test, tells_time_alone_from_time_among_peers_that_have_nothing)
{
	run(10s, [](download_sample&) {});
	m_sample.peers = 3;
	run(10s, [](download_sample&) {});
	arrive(m_sample);
	run(20s, arrive);
	EXPECT_NEAR(figures().alone, 0.25, 0.03);
	EXPECT_NEAR(figures().idle, 0.25, 0.03);
}

TEST_F(limit_watch_test, web_seeds_are_company)
{
	run(10s, [](download_sample& s) {
		s.is_web_seeded = true;
		s.wire_bytes += 1000;
	});
	EXPECT_LT(figures().alone, 0.05);
	EXPECT_LT(figures().idle, 0.05);
}

TEST_F(limit_watch_test, shares_of_processors_are_those_of_the_download)
{
	run(10s, [](download_sample& s) {
		s.program += 100ms;
		s.network_thread += 200ms;
	});
	EXPECT_NEAR(figures().program, 0.4, 0.01);
	EXPECT_NEAR(figures().network_thread, 0.8, 0.01);
}

TEST_F(limit_watch_test, a_pause_does_not_count)
{
	run(10s, arrive);
	m_watch.pause();
	m_now += 1h;
	m_sample.stopped += 1h;
	run(10s, arrive);
	EXPECT_LE(figures().elapsed, 21s);
	EXPECT_EQ(figures().waiting_for_disk, 0);
}

TEST_F(limit_watch_test, a_day_is_judged_as_a_minute_is)
{
	run(24h, arrive);
	EXPECT_NEAR(figures().best_rate, 4e6, 1);
}

} // namespace rawswarm
