// SPDX-License-Identifier: BSD-3-Clause
// Peers that say what they have and deliver nothing of it: whom web_seed_knowledge doubts, and for how long.
#include "base/processor_time.hpp"
#include "tests/unit/web_seed/checked_knowledge.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace rawswarm
{
namespace
{

using time = web_seed_knowledge::time;
using std::chrono::seconds;
using namespace test;

// The processor time of weighing a hundred peers, the least of some attempts. The pieces that they have are
// none that the agent lacks, so that all would have to be looked at.
std::chrono::nanoseconds time_to_weigh(std::size_t const pieces)
{
	constexpr web_seed_knowledge::peer peers = 100;
	std::vector<bool> have(pieces, true);
	have[0] = false;
	web_seed_knowledge known(have);
	for (web_seed_knowledge::peer p = 0; p < peers; ++p)
	{
		known.joined(p);
		known.peer_has(p, have);
	}
	auto least = std::chrono::nanoseconds::max();
	for (int attempt = 0; attempt < 20; ++attempt)
	{
		auto const begin = thread_time();
		known.weigh(time(seconds(100 + attempt)));
		least = std::min(least, thread_time() - begin);
	}
	return least;
}

} // namespace

TEST(web_seed_knowledge, a_peer_that_delivers_nothing_is_doubted)
{
	auto known = knowing_nobody(3);
	known.joined(alice);
	known.is_member(alice, 10);
	known.peer_has(alice, all(3));
	known.joined(bob);
	known.peer_got(bob, 0);
	for (int second = 0; second <= 5; ++second)
	{
		EXPECT_TRUE(known->is_offered(1));
		known.weigh(time(seconds(100 + second)));
		known.delivered(bob, 16384);
	}
	EXPECT_FALSE(known->is_offered(1));
	EXPECT_TRUE(known->is_offered(0)); // by bob
	for (int second = 6; second <= 10; ++second)
	{
		known.delivered(alice, 16384);
		known.weigh(time(seconds(100 + second)));
	}
	EXPECT_TRUE(known->is_offered(1));
}

TEST(web_seed_knowledge, a_peer_that_delivers_next_to_nothing_is_doubted)
{
	auto known = knowing_nobody(3);
	known.joined(alice);
	known.is_member(alice, 10);
	known.peer_has(alice, all(3));
	for (int second = 0; second <= 5; ++second)
	{
		known.weigh(time(seconds(100 + second)));
		known.delivered(alice, 1024);
		known.delivered_by_web_seed(1024 * 1024);
	}
	EXPECT_FALSE(known->is_offered(1));
}

TEST(web_seed_knowledge, after_a_liar_new_peers_are_believed_when_they_have_delivered)
{
	auto known = knowing_nobody(3);
	for (web_seed_knowledge::peer liar = 10; liar < 20; ++liar)
	{
		auto const now = seconds(100 + 3 * liar);
		known.joined(liar);
		known.is_member(liar, liar);
		known.peer_has(liar, all(3));
		known.weigh(time(now));
		EXPECT_EQ(known->is_offered(1), liar == 10);
		known.weigh(time(now + seconds(2)));
		known.left(liar);
	}
	known.joined(bob);
	known.peer_got(bob, 1);
	for (int second = 0; second <= 6; ++second)
	{
		known.weigh(time(seconds(160 + second)));
		known.delivered(bob, 16384);
	}
	EXPECT_TRUE(known->is_offered(1));
}

TEST(web_seed_knowledge, a_peer_that_delivered_and_leaves_right_after_it_was_weighed_is_no_liar)
{
	auto known = knowing_nobody(3);
	known.joined(alice);
	known.is_member(alice, 10);
	known.peer_has(alice, all(3));
	known.weigh(time(seconds(100)));
	known.delivered(alice, 16384);
	known.weigh(time(seconds(105)));
	known.left(alice);
	known.joined(bob);
	known.peer_got(bob, 1);
	known.weigh(time(seconds(106)));
	EXPECT_TRUE(known->is_offered(1));
}

TEST(web_seed_knowledge, weighing_takes_no_longer_for_a_torrent_of_many_pieces)
{
	constexpr std::size_t few = 500;
	constexpr std::size_t many = 100 * few;
	// looking at each piece would take a hundred times as long
	EXPECT_LT(time_to_weigh(many), 10 * time_to_weigh(few));
}

} // namespace rawswarm
