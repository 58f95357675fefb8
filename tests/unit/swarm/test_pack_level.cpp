// SPDX-License-Identifier: BSD-3-Clause
#include "agent/swarm/pack_level.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace rawswarm
{

namespace
{

using namespace std::chrono_literals;

// A seeder that packs as much as its link takes.
class pack_levels : public ::testing::Test
{
protected:
	struct machine
	{
		double megabytes = 28; // per second, to pack
		double others = 0.2; // share of the machine
		double network_thread = 0.3;
		double unpacking = 0; // share of all workers
		int workers = 2;
		int processors = 2;
	};

	static double time_of(int const level) // to pack a megabyte, in seconds
	{
		return 1 / (level == 1 ? 279.0 : level == 5 ? 90.0 : 16.0);
	}

	int run(std::chrono::milliseconds const time, machine const& m)
	{
		auto const add = [](std::chrono::nanoseconds& to, double const seconds) {
			to += std::chrono::nanoseconds(static_cast<std::int64_t>(seconds * 1e9));
		};
		m_so_far.workers = m.workers;
		m_so_far.processors = m.processors;
		for (auto t = 0ms; t < time; t += 5ms)
		{
			m_now += 5ms;
			auto const packing = std::min(m.megabytes * time_of(m_level.level()), double(m.workers));
			add(m_so_far.network_thread, m.network_thread * 5e-3);
			add(m_so_far.packing, packing * 5e-3);
			add(m_so_far.unpacking, m.unpacking * m.workers * 5e-3);
			add(m_so_far.machine, std::min(1.0, m.others + packing / m.processors) * 5e-3);
			auto const before = m_level.level();
			m_changes += m_level.update(m_now, [this] { return m_so_far; }) != before ? 1 : 0;
		}
		return m_level.level();
	}

	pack_level m_level;
	pack_level::clock::time_point m_now = pack_level::clock::time_point(1h);
	pack_level::totals m_so_far;
	int m_changes = 0;
};

} // namespace

TEST_F(pack_levels, rise_within_seconds_as_far_as_there_is_time)
{
	EXPECT_EQ(run(3s, {.megabytes = 12}), 12);
	m_level = pack_level();
	EXPECT_EQ(run(3s, {.megabytes = 28}), 5) << "level 12 would take both processors";
	m_level = pack_level();
	EXPECT_EQ(run(3s, {.megabytes = 28, .workers = 4, .processors = 16}), 12);
	m_level = pack_level();
	EXPECT_EQ(run(3s, {.megabytes = 250}), 1) << "a link of a gigabit per second";
}

TEST_F(pack_levels, stay_low_on_a_machine_that_others_need)
{
	EXPECT_EQ(run(10s, {.others = 0.7}), 1);
	m_level = pack_level();
	EXPECT_EQ(run(10s, {.unpacking = 0.5}), 1);
}

TEST_F(pack_levels, stay_where_they_are_while_nothing_is_packed)
{
	EXPECT_EQ(run(10s, {.megabytes = 0}), 1);
}

TEST_F(pack_levels, stay_low_where_the_network_thread_packs)
{
	EXPECT_EQ(run(10s, {.megabytes = 3, .workers = 0}), 1);
}

TEST_F(pack_levels, fall_as_soon_as_time_is_short)
{
	ASSERT_EQ(run(3s, {.megabytes = 12}), 12);
	EXPECT_EQ(run(900ms, {.megabytes = 12, .others = 0.8}), 1);
	EXPECT_EQ(run(2s, {.megabytes = 12}), 1) << "what was needed a moment ago";
	EXPECT_EQ(run(4s, {.megabytes = 12}), 12);
}

TEST_F(pack_levels, fall_when_the_network_thread_is_short_of_time)
{
	ASSERT_EQ(run(3s, {.megabytes = 12}), 12);
	EXPECT_EQ(run(1s, {.megabytes = 12, .network_thread = 0.9}), 1);
}

// An image's next files may be harder to pack.
TEST_F(pack_levels, do_not_rise_after_a_moment_in_which_little_was_packed)
{
	run(3s, {.megabytes = 28});
	m_changes = 0;
	for (int i = 0; i < 20; ++i)
	{
		run(600ms, {.megabytes = 28});
		run(600ms, {.megabytes = 5});
	}
	EXPECT_EQ(m_changes, 0);
}

// Such as a room that fills the processors whenever blocks are packed harder.
TEST_F(pack_levels, of_a_machine_that_is_short_of_time_each_time_change_ever_more_rarely)
{
	for (int i = 0; i < 1000; ++i)
	{
		run(300ms, {.megabytes = 12, .others = m_level.level() > 1 ? 0.9 : 0.2});
	}
	EXPECT_LT(m_changes, 2 * 9);
	EXPECT_GT(m_changes, 2 * 4);
}

} // namespace rawswarm
