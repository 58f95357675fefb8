// SPDX-License-Identifier: BSD-3-Clause
#include "agent/swarm/processor_limit.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace rawswarm
{

namespace
{

using namespace std::chrono_literals;

// A swarm that is asked every few milliseconds, as every block does.
class processor_limits : public ::testing::Test
{
protected:
	// Shares of the time, and bytes of the image per second, with compressed and with raw blocks.
	struct machine
	{
		double network_thread = 0.3;
		double workers = 0.3;
		double processors = 0.5;
		double compressed = 20e6;
		double raw = 10e6;
		int stopped_writes = 0; // of ten
	};

	bool run(std::chrono::milliseconds const time, machine const& m)
	{
		auto const add = [](std::chrono::nanoseconds& to, double const share) {
			to += std::chrono::nanoseconds(static_cast<std::int64_t>(5e6 * share));
		};
		for (auto t = 0ms; t < time; t += 5ms)
		{
			m_now += 5ms;
			add(m_so_far.network_thread, m.network_thread);
			add(m_so_far.workers, m.workers);
			add(m_so_far.program, m.processors);
			m_so_far.moved += static_cast<std::int64_t>((m_limit.is_reached() ? m.raw : m.compressed) * 5e-3);
			m_so_far.writes += 10;
			m_so_far.stopped_writes += m.stopped_writes;
			m_limit.update(m_now, [this] { return m_so_far; });
			m_raw_time += m_limit.is_reached() ? 5ms : 0ms;
		}
		return m_limit.is_reached();
	}

	processor_limit m_limit;
	processor_limit::clock::time_point m_now = processor_limit::clock::time_point(1h);
	processor_limit::totals m_so_far;
	std::chrono::milliseconds m_raw_time{0};
};

} // namespace

TEST_F(processor_limits, are_not_reached_while_there_is_time_left)
{
	EXPECT_FALSE(run(20s, {}));
	EXPECT_EQ(m_raw_time, 0ms);
}

TEST_F(processor_limits, are_found_in_a_second_whoever_is_busy)
{
	for (auto const& busy : {machine{.network_thread = 1, .raw = 50e6}, machine{.workers = 1, .raw = 50e6},
			 machine{.processors = 1, .raw = 50e6}})
	{
		m_limit = processor_limit();
		run(1100ms, busy);
		EXPECT_TRUE(m_limit.is_reached());
		EXPECT_TRUE(run(3s, busy)) << "raw blocks are faster";
		EXPECT_FALSE(run(70s, {})) << "there is time left";
	}
}

// On a link of 10 Gbit/s no processor need be busy all the time, and half a second is a part of the whole.
TEST_F(processor_limits, are_found_in_a_fifth_of_a_second_by_who_sends_much)
{
	machine const fast{.compressed = 150e6, .raw = 400e6};
	run(200ms, fast);
	EXPECT_TRUE(m_limit.is_reached());
	EXPECT_TRUE(run(3s, fast));
}

TEST_F(processor_limits, one_short_burst_reaches_none)
{
	run(1s, {});
	run(60ms, {.network_thread = 1});
	run(1s, {});
	EXPECT_EQ(m_raw_time, 0ms);
}

// Eight agents on two processors, each behind a link of its own.
TEST_F(processor_limits, of_a_busy_machine_whose_link_is_full_cost_a_trial_now_and_then)
{
	EXPECT_FALSE(run(100s, {.processors = 1, .compressed = 20e6, .raw = 10e6}));
	EXPECT_GT(m_raw_time, 300ms);
	EXPECT_LT(m_raw_time, 3s) << "more than five trials";
}

TEST_F(processor_limits, are_not_looked_for_while_blocks_wait_for_the_link)
{
	machine const busy{.network_thread = 1, .workers = 1, .processors = 1, .raw = 50e6, .stopped_writes = 6};
	EXPECT_FALSE(run(100s, busy));
	EXPECT_EQ(m_raw_time, 0ms);
	EXPECT_TRUE(run(2s, {.processors = 1, .raw = 50e6, .stopped_writes = 4}));
}

TEST_F(processor_limits, are_given_up_in_a_quarter_of_a_second_if_raw_blocks_are_clearly_slower)
{
	EXPECT_FALSE(run(2s, {.processors = 1, .compressed = 20e6, .raw = 10e6}));
	EXPECT_EQ(m_raw_time, 250ms);
	m_limit = processor_limit();
	m_raw_time = 0ms;
	EXPECT_FALSE(run(2s, {.processors = 1, .compressed = 20e6, .raw = 18e6}));
	EXPECT_EQ(m_raw_time, 550ms);
}

// Who was right for a minute is asked every minute.
TEST_F(processor_limits, of_a_machine_that_is_faster_with_raw_blocks_leave_them_for_a_moment_only)
{
	machine const busy{.processors = 1, .compressed = 20e6, .raw = 50e6};
	run(60s, busy);
	auto const before = m_raw_time;
	run(300s, busy);
	EXPECT_GT(m_raw_time - before, 290s);
}

TEST_F(processor_limits, are_left_within_seconds_by_a_machine_that_was_busy_for_a_moment)
{
	run(3s, {.processors = 1, .compressed = 20e6, .raw = 50e6});
	EXPECT_FALSE(run(5s, {.processors = 0.3}));
}

// What is a little faster may be so by chance.
TEST_F(processor_limits, need_raw_blocks_to_be_clearly_faster)
{
	EXPECT_FALSE(run(60s, {.processors = 1, .compressed = 20e6, .raw = 24e6}));
	EXPECT_LT(m_raw_time, 5s);
}

} // namespace rawswarm
