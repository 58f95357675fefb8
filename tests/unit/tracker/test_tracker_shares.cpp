// SPDX-License-Identifier: BSD-3-Clause
// Whom a tracker tells of whom where it knows more clients than an answer or its table holds.
#include "tests/unit/tracker/asked_tracker.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <set>
#include <string>
#include <vector>

#include <malloc.h>

namespace rawswarm
{
namespace
{

using namespace std::chrono_literals;
using namespace test;
using peers = std::set<std::string>;

TEST_F(tracker_test, answer_has_as_many_as_are_wanted_within_a_limit)
{
	fill(300, "&port=6881&left=1");
	EXPECT_EQ(ask("10.0.0.1").list.size(), 50u);
	EXPECT_EQ(ask("10.0.0.1", "&port=6881&left=1&numwant=7").peers().size(), 7u);
	EXPECT_EQ(ask("10.0.0.1", "&port=6881&left=1&numwant=999999").peers().size(), 200u);
	EXPECT_EQ(ask("10.0.0.1", "&port=6881&left=1&numwant=0").list.size(), 0u);
}

TEST_F(tracker_test, everybody_is_told_in_turn)
{
	fill(100, "&port=6881&left=1");
	peers seen;
	for (int i = 1; i <= 100; ++i)
	{
		ask(fmt::format("10.2.0.{}", i), "&port=6881&left=0");
	}
	for (int i = 0; i < 41; ++i) // 201 with the one that asks
	{
		seen.merge(ask("10.0.0.1", "&port=6881&left=1&numwant=10").peers());
	}
	EXPECT_EQ(seen.size(), 200u);
}

TEST_F(tracker_test, clients_of_one_address_are_told_in_turn_as_well)
{
	for (int port = 1; port <= 40; ++port)
	{
		ask("10.0.0.1", fmt::format("&port={}&left=1", port));
	}
	peers seen;
	for (int i = 0; i < 8; ++i)
	{
		seen.merge(ask("10.0.0.2", "&port=6881&left=1&numwant=10").peers());
	}
	EXPECT_EQ(seen.size(), 40u);
}

TEST_F(tracker_test, half_of_an_answer_are_seeds_if_there_are_enough_of_both)
{
	fill(100, "&port=6881&left=1");
	for (int i = 1; i <= 100; ++i)
	{
		ask(fmt::format("10.2.0.{}", i), "&port=6881&left=0");
	}
	auto const told = ask("10.0.0.1", "&port=6881&left=1&numwant=20");
	auto const seeds = std::ranges::count_if(told.list, [](auto const& p) { return p.starts_with("10.2."); });
	EXPECT_EQ(told.peers().size(), 20u);
	EXPECT_EQ(seeds, 10);
}

TEST_F(tracker_test, flood_from_one_address_displaces_nobody_and_takes_one_place_in_a_short_answer)
{
	fill(200, "&port=6881&left=1");
	for (int port = 1; port <= 5000; ++port)
	{
		ask("10.9.9.9", fmt::format("&port={}&left=1", port));
	}
	EXPECT_EQ(m_tracker.counts(m_now).incomplete, 700u);
	auto const told = ask("10.0.0.1", "&port=6881&left=1&numwant=200");
	EXPECT_EQ(told.peers().size(), 200u);
	EXPECT_LE(std::ranges::count_if(told.list, [](auto const& p) { return p.starts_with("10.9."); }), 1);
}

TEST_F(tracker_test, full_table_takes_a_newcomer_in_place_of_the_address_that_has_most)
{
	m_tracker = tracker({.clients = 10, .clients_of_an_address = 8});
	m_tracker.set_known({known});
	fill(2, "&port=6881&left=1");
	for (int port = 1; port <= 8; ++port)
	{
		ask("10.9.9.9", fmt::format("&port={}&left=1", port));
	}
	ask("10.0.0.1");
	auto const told = ask("10.0.0.2").peers();
	EXPECT_TRUE(told.contains("10.0.0.1:6881"));
	EXPECT_TRUE(told.contains("10.1.0.1:6881"));
	EXPECT_TRUE(told.contains("10.1.0.2:6881"));
	EXPECT_FALSE(told.contains("10.9.9.9:1")); // its oldest
	EXPECT_TRUE(told.contains("10.9.9.9:8"));
	EXPECT_EQ(m_tracker.counts(m_now).incomplete, 10u);
}

TEST_F(tracker_test, full_table_of_single_clients_keeps_them_and_answers_others)
{
	m_tracker = tracker({.clients = 10});
	m_tracker.set_known({known});
	fill(10, "&port=6881&left=1");
	EXPECT_EQ(ask("10.0.0.1").peers().size(), 10u);
	EXPECT_EQ(ask("10.0.0.2").peers().size(), 10u);
	EXPECT_FALSE(ask("10.0.0.2").peers().contains("10.0.0.1:6881"));
}

// The most that is told of the most clients, in the longest form.
TEST_F(tracker_test, longest_answer_has_20_kb)
{
	for (int i = 0; i < 200; ++i)
	{
		ask(fmt::format("2001:db8:1111:1111:1111:1111:1111:{}", 1000 + i),
			"&port=65535&left=1&peer_id=" + std::string(20, 'p'));
	}
	auto const size = ask("2001:db8::1", "&port=6881&left=1&numwant=200&compact=0").text.size();
	EXPECT_GT(size, 18'000u);
	EXPECT_LE(size, 20'000u);
}

TEST_F(tracker_test, client_takes_some_250_bytes)
{
	auto const before = ::mallinfo2().uordblks;
	fill(4000, "&port=6881&left=1&peer_id=" + std::string(20, 'p'));
	auto const each = (::mallinfo2().uordblks - before) / 4000; // 0 with a sanitizer
	EXPECT_LE(each, 270u);
}

} // namespace
} // namespace rawswarm
