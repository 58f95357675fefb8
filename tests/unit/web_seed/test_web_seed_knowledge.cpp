// SPDX-License-Identifier: BSD-3-Clause
#include "agent/web_seed/web_seed_knowledge.hpp"
#include "tests/unit/web_seed/checked_knowledge.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <random>
#include <utility>
#include <vector>

namespace rawswarm
{
namespace
{

using time = web_seed_knowledge::time;
using std::chrono::seconds;
using namespace test;

} // namespace

TEST(web_seed_knowledge, what_a_peer_got_is_offered_until_it_leaves)
{
	auto known = knowing_nobody(4);
	known.joined(alice);
	known.joined(bob);
	known.peer_got(alice, 2);
	known.peer_has(bob, {false, false, true, true});
	EXPECT_FALSE(known->is_offered(1));
	EXPECT_TRUE(known->is_offered(2));
	EXPECT_TRUE(known->is_offered(3));
	known.left(bob);
	EXPECT_TRUE(known->is_offered(2));
	EXPECT_FALSE(known->is_offered(3));
	known.left(alice);
	EXPECT_FALSE(known->is_offered(2));
}

TEST(web_seed_knowledge, what_a_peer_lost_is_not_offered_any_more)
{
	auto known = knowing_nobody(2);
	known.joined(alice);
	known.peer_got(alice, 1);
	known.peer_got(alice, 1);
	known.peer_lost(alice, 1);
	EXPECT_FALSE(known->is_offered(1));
	known.peer_lost(alice, 1);
	known.peer_got(alice, 1);
	EXPECT_TRUE(known->is_offered(1));
}

TEST(web_seed_knowledge, a_source_that_had_everything_at_once_spares_the_web_seed_nothing)
{
	auto known = knowing_nobody(3);
	known.joined(alice);
	known.peer_has(alice, all(3));
	EXPECT_FALSE(known->is_offered(0));
}

TEST(web_seed_knowledge, a_member_that_had_everything_at_once_counts)
{
	auto known = knowing_nobody(3);
	known.joined(alice);
	known.peer_has(alice, all(3));
	known.is_member(alice, 10);
	EXPECT_TRUE(known->is_offered(0));
	known.joined(bob);
	known.is_member(bob, 20);
	known.peer_has(bob, all(3));
	known.left(alice);
	EXPECT_TRUE(known->is_offered(0));
	EXPECT_EQ(known->members(), 1u);
	known.left(bob);
	EXPECT_FALSE(known->is_offered(0));
	EXPECT_EQ(known->members(), 0u);
}

TEST(web_seed_knowledge, a_peer_that_became_complete_counts)
{
	auto known = knowing_nobody(2);
	known.joined(alice);
	known.peer_has(alice, {true, false});
	known.peer_got(alice, 1);
	EXPECT_TRUE(known->is_offered(0));
	EXPECT_TRUE(known->is_offered(1));
}

TEST(web_seed_knowledge, a_claim_ends_when_it_is_dropped_or_its_piece_is_there_or_its_peer_leaves)
{
	auto known = knowing_nobody(4);
	time const now{seconds(5)};
	known.joined(alice);
	for (std::size_t piece = 0; piece < 4; ++piece)
	{
		known.claimed(alice, piece, now);
	}
	EXPECT_EQ(known->claimed_at(0), now);
	known.dropped(alice, 0);
	EXPECT_FALSE(known->claimed_at(0));
	known.peer_got(alice, 1);
	EXPECT_FALSE(known->claimed_at(1));
	known.peer_has(alice, {false, true, true, false});
	EXPECT_FALSE(known->claimed_at(2));
	EXPECT_TRUE(known->claimed_at(3));
	known.left(alice);
	EXPECT_FALSE(known->claimed_at(3));
}

TEST(web_seed_knowledge, a_piece_that_is_claimed_again_and_again_counts_as_claimed_when_it_first_was)
{
	auto known = knowing_nobody(1);
	known.joined(alice);
	known.joined(bob);
	known.claimed(alice, 0, time(seconds(1)));
	known.claimed(bob, 0, time(seconds(3)));
	EXPECT_EQ(known->claimed_at(0), time(seconds(1)));
	known.dropped(alice, 0);
	known.left(bob);
	EXPECT_FALSE(known->claimed_at(0));
	known.claimed(alice, 0, time(seconds(4)));
	EXPECT_EQ(known->claimed_at(0), time(seconds(1)));
}

TEST(web_seed_knowledge, a_peer_offers_something_until_this_agent_has_all_that_it_has)
{
	auto known = knowing_nobody(3);
	known.joined(alice);
	known.peer_has(alice, {true, true, false});
	known.weigh(time(seconds(100)));
	known.got(0);
	known.got(1);
	known.weigh(time(seconds(105)));
	known.peer_got(alice, 2);
	EXPECT_TRUE(known->is_offered(2)); // it was not found out meanwhile
	known.weigh(time(seconds(106)));
	known.weigh(time(seconds(111)));
	EXPECT_FALSE(known->is_offered(2));
}

TEST(web_seed_knowledge, a_peer_that_claims_everything_keeps_only_its_last_claims)
{
	auto known = knowing_nobody(100);
	known.joined(alice);
	for (std::size_t piece = 0; piece < 100; ++piece)
	{
		known.claimed(alice, piece, time(seconds(1)));
	}
	EXPECT_FALSE(known->claimed_at(99 - web_seed_knowledge::max_claims));
	EXPECT_TRUE(known->claimed_at(100 - web_seed_knowledge::max_claims));
	EXPECT_TRUE(known->claimed_at(99));
}

TEST(web_seed_knowledge, a_claim_for_a_piece_that_the_peer_has_is_ignored)
{
	auto known = knowing_nobody(2);
	known.joined(alice);
	known.peer_got(alice, 1);
	known.claimed(alice, 1, time());
	EXPECT_FALSE(known->claimed_at(1));
}

TEST(web_seed_knowledge, members_that_know_each_other_divide_the_pieces)
{
	constexpr std::size_t pieces = 1000;
	std::vector<std::uint64_t> const numbers{77, 5, 1'000'000};
	std::vector<int> owners(pieces);
	for (auto const own : numbers)
	{
		auto known = knowing_nobody(pieces);
		for (auto const other : numbers)
		{
			if (other != own)
			{
				known.joined(other);
				known.is_member(other, other);
			}
		}
		auto const share = known->share_of(own);
		int size = 0;
		for (std::size_t piece = 0; piece < pieces; ++piece)
		{
			owners[piece] += share.has(piece) ? 1 : 0;
			size += share.has(piece) ? 1 : 0;
		}
		EXPECT_NEAR(size, pieces / 3.0, 1);
	}
	EXPECT_EQ(owners, std::vector<int>(pieces, 1));
}

TEST(web_seed_knowledge, the_share_of_an_agent_without_members_is_every_piece)
{
	auto known = knowing_nobody(2);
	known.joined(alice);
	EXPECT_TRUE(known->share_of(5).has(0));
	EXPECT_TRUE(known->share_of(5).has(1));
	known.is_member(alice, 9);
	EXPECT_NE(known->share_of(5).has(0), known->share_of(5).has(1));
	known.left(alice);
	EXPECT_TRUE(known->share_of(5).has(1));
}

TEST(web_seed_knowledge, missing_pieces_are_counted_once)
{
	checked_knowledge known({true, false, false});
	EXPECT_EQ(known->missing(), 2u);
	known.got(1);
	known.got(1);
	EXPECT_EQ(known->missing(), 1u);
	EXPECT_TRUE(known->has(1));
}

// Two connections may lead to one member: its id counts until both are gone.
TEST(web_seed_knowledge, an_agent_id_that_two_peers_have_counts_twice)
{
	auto known = knowing_nobody(2);
	known.joined(alice);
	known.joined(bob);
	known.is_member(alice, 7);
	known.is_member(bob, 7);
	EXPECT_EQ(known->members(), 2u);
	known.left(alice);
	EXPECT_EQ(known->members(), 1u);
}

TEST(web_seed_knowledge, its_counts_agree_whatever_peers_say_in_whatever_order)
{
	constexpr std::size_t pieces = 12; // more than a peer may claim
	constexpr web_seed_knowledge::peer peers = 4;
	std::mt19937 random(1);
	auto const below = [&](std::size_t const n) {
		return std::uniform_int_distribution<std::size_t>(0, n - 1)(random);
	};
	auto known = knowing_nobody(pieces);
	for (web_seed_knowledge::peer p = 0; p < peers; ++p)
	{
		known.joined(p);
	}
	for (int step = 0; step < 20'000; ++step)
	{
		auto const p = web_seed_knowledge::peer(below(peers));
		auto const piece = below(pieces);
		if (step % 2000 == 1999)
		{
			known.got(piece);
		}
		switch (below(8))
		{
		case 0: known.peer_got(p, piece); break;
		case 1: known.peer_lost(p, piece); break;
		case 2: known.is_member(p, below(3)); break;
		case 3: known.dropped(p, piece); break;
		case 4:
			known.left(p);
			known.joined(p);
			break;
		case 5:
		{
			std::vector<bool> has(below(pieces + 1), below(2) == 0);
			known.peer_has(p, std::move(has));
			break;
		}
		default: known.claimed(p, piece, time(seconds(step))); break;
		}
	}
	for (web_seed_knowledge::peer p = 0; p < peers; ++p)
	{
		known.left(p);
	}
	EXPECT_EQ(known->members(), 0u);
	for (std::size_t piece = 0; piece < pieces; ++piece)
	{
		EXPECT_FALSE(known->is_offered(piece));
		EXPECT_FALSE(known->claimed_at(piece));
	}
}

} // namespace rawswarm
