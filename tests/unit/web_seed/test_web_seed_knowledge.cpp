// SPDX-License-Identifier: BSD-3-Clause
#include "agent/web_seed/web_seed_knowledge.hpp"

#include <gtest/gtest.h>

namespace rawswarm
{
namespace
{

using time = web_seed_knowledge::time;
using std::chrono::seconds;

constexpr web_seed_knowledge::peer alice = 1;
constexpr web_seed_knowledge::peer bob = 2;

std::vector<bool> all(std::size_t const pieces)
{
	std::vector<bool> bits(pieces, true);
	return bits;
}

web_seed_knowledge room_of(std::size_t const pieces)
{
	return web_seed_knowledge(std::vector<bool>(pieces, false));
}

} // namespace

TEST(web_seed_knowledge, what_a_peer_got_is_offered_until_it_leaves)
{
	auto room = room_of(4);
	room.joined(alice);
	room.joined(bob);
	room.peer_got(alice, 2);
	room.peer_has(bob, {false, false, true, true});
	EXPECT_FALSE(room.is_offered(1));
	EXPECT_TRUE(room.is_offered(2));
	EXPECT_TRUE(room.is_offered(3));
	room.left(bob);
	EXPECT_TRUE(room.is_offered(2));
	EXPECT_FALSE(room.is_offered(3));
	room.left(alice);
	EXPECT_FALSE(room.is_offered(2));
}

TEST(web_seed_knowledge, what_a_peer_lost_is_not_offered_any_more)
{
	auto room = room_of(2);
	room.joined(alice);
	room.peer_got(alice, 1);
	room.peer_got(alice, 1);
	room.peer_lost(alice, 1);
	EXPECT_FALSE(room.is_offered(1));
	room.peer_lost(alice, 1);
	room.peer_got(alice, 1);
	EXPECT_TRUE(room.is_offered(1));
}

TEST(web_seed_knowledge, a_source_that_had_everything_at_once_spares_the_web_seed_nothing)
{
	auto room = room_of(3);
	room.joined(alice);
	room.peer_has(alice, all(3));
	EXPECT_FALSE(room.is_offered(0));
}

TEST(web_seed_knowledge, a_member_that_had_everything_at_once_counts)
{
	auto room = room_of(3);
	room.joined(alice);
	room.peer_has(alice, all(3));
	room.is_member(alice, 10);
	EXPECT_TRUE(room.is_offered(0));
	room.joined(bob);
	room.is_member(bob, 20);
	room.peer_has(bob, all(3));
	room.left(alice);
	EXPECT_TRUE(room.is_offered(0));
	EXPECT_EQ(room.members(), 1u);
	room.left(bob);
	EXPECT_FALSE(room.is_offered(0));
	EXPECT_EQ(room.members(), 0u);
}

TEST(web_seed_knowledge, a_peer_that_became_complete_counts)
{
	auto room = room_of(2);
	room.joined(alice);
	room.peer_has(alice, {true, false});
	room.peer_got(alice, 1);
	EXPECT_TRUE(room.is_offered(0));
	EXPECT_TRUE(room.is_offered(1));
}

TEST(web_seed_knowledge, a_claim_ends_when_it_is_dropped_or_its_piece_is_there_or_its_peer_leaves)
{
	auto room = room_of(4);
	time const now{seconds(5)};
	room.joined(alice);
	for (std::size_t piece = 0; piece < 4; ++piece)
	{
		room.claimed(alice, piece, now);
	}
	EXPECT_EQ(room.claimed_at(0), now);
	room.dropped(alice, 0);
	EXPECT_FALSE(room.claimed_at(0));
	room.peer_got(alice, 1);
	EXPECT_FALSE(room.claimed_at(1));
	room.peer_has(alice, {false, true, true, false});
	EXPECT_FALSE(room.claimed_at(2));
	EXPECT_TRUE(room.claimed_at(3));
	room.left(alice);
	EXPECT_FALSE(room.claimed_at(3));
}

TEST(web_seed_knowledge, of_several_claims_the_latest_counts)
{
	auto room = room_of(1);
	room.joined(alice);
	room.joined(bob);
	room.claimed(alice, 0, time(seconds(1)));
	room.claimed(bob, 0, time(seconds(3)));
	EXPECT_EQ(room.claimed_at(0), time(seconds(3)));
	room.dropped(bob, 0);
	EXPECT_EQ(room.claimed_at(0), time(seconds(1)));
	room.claimed(alice, 0, time(seconds(4)));
	EXPECT_EQ(room.claimed_at(0), time(seconds(4)));
}

TEST(web_seed_knowledge, whoever_claims_everything_holds_only_the_last_few)
{
	auto room = room_of(100);
	room.joined(alice);
	for (std::size_t piece = 0; piece < 100; ++piece)
	{
		room.claimed(alice, piece, time(seconds(1)));
	}
	EXPECT_FALSE(room.claimed_at(99 - web_seed_knowledge::max_claims));
	EXPECT_TRUE(room.claimed_at(100 - web_seed_knowledge::max_claims));
	EXPECT_TRUE(room.claimed_at(99));
}

TEST(web_seed_knowledge, a_claim_for_what_the_peer_has_is_none)
{
	auto room = room_of(2);
	room.joined(alice);
	room.peer_got(alice, 1);
	room.claimed(alice, 1, time());
	EXPECT_FALSE(room.claimed_at(1));
}

TEST(web_seed_knowledge, members_that_know_each_other_divide_the_pieces)
{
	constexpr std::size_t pieces = 1000;
	std::vector<std::uint64_t> const numbers{77, 5, 1'000'000};
	std::vector<int> owners(pieces);
	for (auto const own : numbers)
	{
		auto room = room_of(pieces);
		for (auto const other : numbers)
		{
			if (other != own)
			{
				room.joined(other);
				room.is_member(other, other);
			}
		}
		auto const share = room.share_of(own);
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

TEST(web_seed_knowledge, who_knows_nobody_has_every_piece_to_itself)
{
	auto room = room_of(2);
	room.joined(alice);
	EXPECT_TRUE(room.share_of(5).has(0));
	EXPECT_TRUE(room.share_of(5).has(1));
	room.is_member(alice, 9);
	EXPECT_NE(room.share_of(5).has(0), room.share_of(5).has(1));
	room.left(alice);
	EXPECT_TRUE(room.share_of(5).has(1));
}

TEST(web_seed_knowledge, what_is_missing_is_counted_once)
{
	web_seed_knowledge room({true, false, false});
	EXPECT_EQ(room.missing(), 2u);
	room.got(1);
	room.got(1);
	EXPECT_EQ(room.missing(), 1u);
	EXPECT_TRUE(room.has(1));
}

} // namespace rawswarm
