// SPDX-License-Identifier: BSD-3-Clause
#include "agent/swarm/super_seed.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <random>
#include <set>
#include <vector>

namespace rawswarm
{

namespace
{

using namespace std::chrono_literals;

constexpr int blocks = 16; // in a piece

class super_seeding : public ::testing::Test
{
protected:
	// Each step checks the seed's invariants.
	void join(super_seed::peer const p, bool const is_member)
	{
		m_seed.join(p, is_member);
		m_seed.check_invariants();
	}

	void leave(super_seed::peer const p)
	{
		m_seed.leave(p);
		m_seed.check_invariants();
	}

	void peer_got(super_seed::peer const p, int const piece)
	{
		m_seed.peer_got(p, piece);
		m_seed.check_invariants();
	}

	void peer_got_all(super_seed::peer const p)
	{
		m_seed.peer_got_all(p);
		m_seed.check_invariants();
	}

	void members(int const n)
	{
		for (int i = 1; i <= n; ++i)
		{
			join(static_cast<super_seed::peer>(i), true);
		}
	}

	// Reveals what is to be revealed now. Pieces by peer.
	std::map<super_seed::peer, std::vector<int>> reveal()
	{
		std::map<super_seed::peer, std::vector<int>> by_peer;
		for (auto const& r : m_seed.next(m_now))
		{
			by_peer[r.to].push_back(r.piece);
			m_revealed.insert(r.piece);
			++m_reveals;
		}
		m_seed.check_invariants();
		return by_peer;
	}

	void send(super_seed::peer const p, int const piece, int const n = blocks)
	{
		for (int i = 0; i < n; ++i)
		{
			m_seed.sent_block(p, piece, m_now);
		}
		m_seed.check_invariants();
	}

	super_seed m_seed{100, blocks};
	super_seed::clock::time_point m_now{1h};
	std::set<int> m_revealed;
	int m_reveals = 0;
};

} // namespace

TEST_F(super_seeding, reveals_nothing_to_an_empty_room)
{
	EXPECT_TRUE(reveal().empty());
	EXPECT_FALSE(m_seed.is_fully_distributed());
}

TEST_F(super_seeding, reveals_nothing_to_a_peer_that_sees_all_anyway)
{
	join(1, false);
	EXPECT_TRUE(reveal().empty());
}

TEST_F(super_seeding, begins_with_the_first_pieces_and_few_peers)
{
	members(30);
	auto const revealed = reveal();
	EXPECT_EQ(revealed.size(), 4U);
	EXPECT_EQ(m_revealed, (std::set<int>{0, 1, 2, 3}));
}

TEST_F(super_seeding, serves_one_peer_more_for_each_piece_that_a_peer_has)
{
	members(30);
	reveal();
	send(1, 0);
	peer_got(1, 0);
	EXPECT_EQ(reveal().size(), 2U); // one instead of the first, and one more
}

TEST_F(super_seeding, reveals_the_next_piece_before_the_last_is_sent)
{
	members(1);
	EXPECT_EQ(reveal()[1], std::vector<int>{0});
	send(1, 0, blocks / 2 - 1);
	EXPECT_TRUE(reveal().empty());
	send(1, 0, 1);
	EXPECT_EQ(reveal()[1], std::vector<int>{1});
}

TEST_F(super_seeding, reveals_more_ahead_to_a_fast_peer)
{
	members(1);
	std::size_t most = 0;
	while (m_revealed.size() < 100)
	{
		m_now += 10ms;
		auto const revealed = reveal();
		most = std::max(most, revealed.at(1).size());
		for (auto const piece : revealed.at(1))
		{
			send(1, piece);
			peer_got(1, piece);
		}
	}
	EXPECT_GT(most, 5U);
}

TEST_F(super_seeding, reveals_no_piece_twice_while_some_were_revealed_to_nobody)
{
	members(7);
	while (m_revealed.size() < 100)
	{
		ASSERT_EQ(m_seed.is_fully_distributed(), false);
		auto const revealed = reveal();
		ASSERT_FALSE(revealed.empty());
		if (m_revealed.size() < 100)
		{
			ASSERT_EQ(m_reveals, static_cast<int>(m_revealed.size()));
		}
		for (auto const& [p, pieces] : revealed)
		{
			for (int const piece : pieces)
			{
				send(p, piece);
				peer_got(p, piece);
			}
		}
	}
	EXPECT_TRUE(m_seed.is_fully_distributed());
}

TEST_F(super_seeding, leaves_out_what_peers_brought_along)
{
	join(9, false);
	for (int i = 0; i < 50; ++i)
	{
		peer_got(9, i);
	}
	members(4);
	reveal();
	EXPECT_EQ(m_revealed, (std::set<int>{50, 51, 52, 53}));
}

TEST_F(super_seeding, reveals_what_left_with_a_peer_to_another)
{
	members(1);
	peer_got(1, 0);
	reveal();
	EXPECT_EQ(m_revealed, std::set<int>{1});
	leave(1);
	join(2, true);
	EXPECT_EQ(reveal()[2], std::vector<int>{0});
}

TEST_F(super_seeding, is_fully_distributed_when_some_peer_has_every_piece)
{
	members(2);
	for (int i = 0; i < 100; ++i)
	{
		EXPECT_FALSE(m_seed.is_fully_distributed());
		peer_got(i % 2 == 0 ? 1 : 2, i);
	}
	EXPECT_TRUE(m_seed.is_fully_distributed());
	leave(2);
	EXPECT_FALSE(m_seed.is_fully_distributed());
}

TEST_F(super_seeding, then_reveals_the_rarest_pieces_to_peers_that_lack_them)
{
	members(3);
	peer_got_all(1);
	for (int i = 0; i < 100; ++i)
	{
		if (i != 42)
		{
			peer_got(2, i);
		}
	}
	ASSERT_TRUE(m_seed.is_fully_distributed());
	auto revealed = reveal();
	EXPECT_TRUE(revealed[1].empty());
	EXPECT_TRUE(revealed[2] == std::vector<int>{42} || revealed[3] == std::vector<int>{42});
}

TEST_F(super_seeding, reveals_a_piece_that_is_not_fetched_to_another_peer)
{
	members(2);
	auto const revealed = reveal();
	int const piece = revealed.at(1).front();
	m_now += 5s;
	send(2, revealed.at(2).front());
	EXPECT_EQ(reveal()[2], std::vector<int>{piece});
}

TEST_F(super_seeding, goes_on_with_a_peer_that_is_alone_and_stuck)
{
	members(1);
	reveal();
	m_now += 5s;
	EXPECT_FALSE(reveal().empty());
}

TEST_F(super_seeding, a_crowd_that_fetches_nothing_is_soon_through)
{
	members(800);
	int seconds = 0;
	while (!reveal().contains(800) && seconds < 100)
	{
		m_now += 1s;
		++seconds;
	}
	EXPECT_LE(seconds, 9); // 200 rounds of four
}

TEST_F(super_seeding, places_that_a_crowd_opened_are_closed_when_it_has_left)
{
	members(20);
	auto first = reveal();
	for (int second = 0; second < 3; ++second)
	{
		m_now += 1s;
		send(1, first[1].front(), blocks / 4);
		reveal();
	}
	send(1, first[1].front(), blocks / 4);
	peer_got(1, first[1].front()); // no place more is open because nothing was fetched
	for (super_seed::peer p = 1; p <= 20; ++p)
	{
		leave(p);
	}
	for (super_seed::peer p = 101; p <= 140; ++p)
	{
		join(p, true);
	}
	EXPECT_EQ(reveal().size(), 4U);
}

TEST_F(super_seeding, members_that_trickle_do_not_keep_all_places)
{
	members(10);
	std::map<super_seed::peer, int> fetched;
	for (int second = 0; second < 10 && !fetched.contains(10); ++second)
	{
		for (auto const& [p, pieces] : reveal())
		{
			fetched.emplace(p, pieces.front());
		}
		for (auto const& [p, piece] : fetched)
		{
			send(p, piece, 1);
		}
		m_now += 1s;
	}
	EXPECT_TRUE(fetched.contains(10));
}

TEST_F(super_seeding, a_peer_with_all_counts_until_it_leaves)
{
	members(3);
	peer_got(1, 7);
	peer_got_all(1);
	peer_got_all(1);
	EXPECT_TRUE(m_seed.is_fully_distributed());
	peer_got(1, 8);
	leave(1);
	EXPECT_FALSE(m_seed.is_fully_distributed());
	auto const revealed = reveal();
	EXPECT_FALSE(revealed.contains(1));
	EXPECT_TRUE(m_revealed.contains(0));
}

TEST_F(super_seeding, ignores_pieces_outside_of_the_torrent_and_peers_that_did_not_join)
{
	members(1);
	peer_got(1, -1);
	peer_got(1, 100);
	peer_got(7, 0);
	m_seed.sent_block(7, 0, m_now);
	leave(7);
	EXPECT_EQ(reveal()[1], std::vector<int>{0});
}

TEST_F(super_seeding, its_counts_agree_whatever_peers_do_in_whatever_order)
{
	std::mt19937 random(1);
	auto const below = [&](int const n) { return std::uniform_int_distribution(0, n - 1)(random); };
	for (int step = 0; step < 5'000; ++step)
	{
		auto const p = static_cast<super_seed::peer>(below(6));
		int const piece = below(100);
		switch (below(16))
		{
		case 0: join(p, below(4) != 0); break;
		case 1: leave(p); break;
		case 2: m_now += 1s; break;
		case 3:
		case 4:
		case 5: peer_got(p, piece); break;
		case 6:
		case 7: reveal(); break;
		default: send(p, piece, 1 + below(blocks)); break;
		}
	}
	EXPECT_GT(m_reveals, 100);
	for (super_seed::peer p = 0; p < 6; ++p)
	{
		leave(p);
	}
	EXPECT_FALSE(m_seed.is_fully_distributed());
}

} // namespace rawswarm
