// SPDX-License-Identifier: BSD-3-Clause
#include "agent/swarm/super_seed.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <map>
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
	void members(int const n)
	{
		for (int i = 1; i <= n; ++i)
		{
			m_seed.join(static_cast<super_seed::peer>(i), true);
		}
	}

	// Shows what is to be shown. Pieces by the peers they were shown to.
	std::map<super_seed::peer, std::vector<int>> show()
	{
		std::map<super_seed::peer, std::vector<int>> by_peer;
		for (auto const& offer : m_seed.next(m_now))
		{
			by_peer[offer.to].push_back(offer.piece);
			m_shown.insert(offer.piece);
			++m_offers;
		}
		return by_peer;
	}

	void send(super_seed::peer const p, int const piece, int const n = blocks)
	{
		for (int i = 0; i < n; ++i)
		{
			m_seed.sent_block(p, piece, m_now);
		}
	}

	super_seed m_seed{100, blocks};
	super_seed::clock::time_point m_now{1h};
	std::set<int> m_shown;
	int m_offers = 0;
};

} // namespace

TEST_F(super_seeding, shows_nothing_to_an_empty_room)
{
	EXPECT_TRUE(show().empty());
	EXPECT_FALSE(m_seed.is_out());
}

TEST_F(super_seeding, shows_nothing_to_a_peer_that_sees_all_anyway)
{
	m_seed.join(1, false);
	EXPECT_TRUE(show().empty());
}

TEST_F(super_seeding, begins_with_the_first_pieces_and_few_peers)
{
	members(30);
	auto const shown = show();
	EXPECT_EQ(shown.size(), 4U);
	EXPECT_EQ(m_shown, (std::set<int>{0, 1, 2, 3}));
}

TEST_F(super_seeding, serves_one_peer_more_for_each_piece_that_is_out)
{
	members(30);
	show();
	send(1, 0);
	m_seed.has(1, 0);
	EXPECT_EQ(show().size(), 2U); // one instead of the first, and one more
}

TEST_F(super_seeding, shows_the_next_piece_before_the_last_is_sent)
{
	members(1);
	EXPECT_EQ(show()[1], std::vector<int>{0});
	send(1, 0, blocks / 2 - 1);
	EXPECT_TRUE(show().empty());
	send(1, 0, 1);
	EXPECT_EQ(show()[1], std::vector<int>{1});
}

TEST_F(super_seeding, shows_a_fast_peer_more_ahead)
{
	members(1);
	std::size_t most = 0;
	while (m_shown.size() < 100)
	{
		m_now += 10ms;
		auto const shown = show();
		most = std::max(most, shown.at(1).size());
		for (auto const piece : shown.at(1))
		{
			send(1, piece);
			m_seed.has(1, piece);
		}
	}
	EXPECT_GT(most, 5U);
}

TEST_F(super_seeding, shows_no_piece_twice_while_some_were_shown_to_nobody)
{
	members(7);
	while (m_shown.size() < 100)
	{
		ASSERT_EQ(m_seed.is_out(), false);
		auto const shown = show();
		ASSERT_FALSE(shown.empty());
		if (m_shown.size() < 100)
		{
			ASSERT_EQ(m_offers, static_cast<int>(m_shown.size()));
		}
		for (auto const& [p, pieces] : shown)
		{
			for (int const piece : pieces)
			{
				send(p, piece);
				m_seed.has(p, piece);
			}
		}
	}
	EXPECT_TRUE(m_seed.is_out());
}

TEST_F(super_seeding, leaves_out_what_peers_brought_along)
{
	m_seed.join(9, false);
	for (int i = 0; i < 50; ++i)
	{
		m_seed.has(9, i);
	}
	members(4);
	show();
	EXPECT_EQ(m_shown, (std::set<int>{50, 51, 52, 53}));
}

TEST_F(super_seeding, shows_what_left_with_a_peer_to_another)
{
	members(1);
	m_seed.has(1, 0);
	show();
	EXPECT_EQ(m_shown, std::set<int>{1});
	m_seed.leave(1);
	m_seed.join(2, true);
	EXPECT_EQ(show()[2], std::vector<int>{0});
}

TEST_F(super_seeding, is_out_when_every_piece_is_in_some_hands)
{
	members(2);
	for (int i = 0; i < 100; ++i)
	{
		EXPECT_FALSE(m_seed.is_out());
		m_seed.has(i % 2 == 0 ? 1 : 2, i);
	}
	EXPECT_TRUE(m_seed.is_out());
	m_seed.leave(2);
	EXPECT_FALSE(m_seed.is_out());
}

TEST_F(super_seeding, then_shows_the_rarest_to_those_who_lack_them)
{
	members(3);
	m_seed.has_all(1);
	for (int i = 0; i < 100; ++i)
	{
		if (i != 42)
		{
			m_seed.has(2, i);
		}
	}
	ASSERT_TRUE(m_seed.is_out());
	auto shown = show();
	EXPECT_TRUE(shown[1].empty());
	EXPECT_TRUE(shown[2] == std::vector<int>{42} || shown[3] == std::vector<int>{42});
}

TEST_F(super_seeding, gives_a_piece_that_is_not_fetched_to_another)
{
	members(2);
	auto const shown = show();
	int const piece = shown.at(1).front();
	m_now += 5s;
	send(2, shown.at(2).front());
	EXPECT_EQ(show()[2], std::vector<int>{piece});
}

TEST_F(super_seeding, goes_on_with_a_peer_that_is_alone_and_stuck)
{
	members(1);
	show();
	m_now += 5s;
	EXPECT_FALSE(show().empty());
}

TEST_F(super_seeding, takes_no_piece_that_the_torrent_has_not)
{
	members(1);
	m_seed.has(1, -1);
	m_seed.has(1, 100);
	m_seed.has(7, 0);
	m_seed.sent_block(7, 0, m_now);
	m_seed.leave(7);
	EXPECT_EQ(show()[1], std::vector<int>{0});
}

} // namespace rawswarm
