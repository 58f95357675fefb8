// SPDX-License-Identifier: BSD-3-Clause
#include "agent/watch/receive_budget.hpp"

#include <gtest/gtest.h>

namespace rawswarm
{

namespace
{

using namespace std::chrono_literals;

constexpr receive_budget::time_point start{};

// Datagrams of a byte that are read at once.
int read_all(receive_budget& budget, receive_budget::time_point now, std::int64_t cost)
{
	int n = 0;
	while (n < 1'000'000 && budget.may_read(now))
	{
		budget.spend(cost);
		++n;
	}
	return n;
}

} // namespace

TEST(receive_budget, a_second_of_beacons_may_come_at_once)
{
	receive_budget budget(100, start);
	EXPECT_EQ(read_all(budget, start, receive_budget::parsed_cost), 100);
	EXPECT_FALSE(budget.may_read(start));
}

TEST(receive_budget, it_fills_with_time_and_no_further)
{
	receive_budget budget(100, start);
	read_all(budget, start, receive_budget::parsed_cost);
	EXPECT_EQ(read_all(budget, start + 100ms, receive_budget::parsed_cost), 10);
	EXPECT_EQ(read_all(budget, start + 24h, receive_budget::parsed_cost), 100);
}

TEST(receive_budget, many_short_waits_fill_it_as_one_long_does)
{
	receive_budget budget(1000, start);
	read_all(budget, start, receive_budget::parsed_cost);
	int n = 0;
	for (auto now = start; now < start + 1s; now += 100us)
	{
		n += read_all(budget, now, receive_budget::parsed_cost);
	}
	EXPECT_NEAR(n, 1000, 10);
}

TEST(receive_budget, what_is_refused_at_the_first_look_costs_less)
{
	receive_budget budget(100, start);
	EXPECT_EQ(read_all(budget, start, receive_budget::refused_cost), 400);
}

} // namespace rawswarm
