// SPDX-License-Identifier: BSD-3-Clause
#include "agent/web_seed/web_seed_picker.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <set>

namespace rawswarm
{
namespace
{

using clock = web_seed_picker::clock;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr web_seed_knowledge::peer alice = 1;
constexpr clock::time_point start{seconds(1000)};

bool not_mine(std::size_t)
{
	return false;
}

web_seed_knowledge knowing_nobody(std::size_t const pieces)
{
	return web_seed_knowledge(std::vector<bool>(pieces, false));
}

std::optional<std::size_t> next(
	web_seed_picker& picker, web_seed_knowledge const& known, clock::time_point const now = start)
{
	return picker.next(known, not_mine, now, now);
}

// A room whose agents take turns. The others hear what one says so many turns later, and get a piece that has
// come as soon as they hear of it.
class talking_room
{
public:
	talking_room(std::size_t const agents, std::size_t const pieces, std::size_t const late)
		: m_late(late)
	{
		for (std::size_t a = 0; a < agents; ++a)
		{
			m_agents.push_back({knowing_nobody(pieces), web_seed_picker(pieces, number_of(a)), {}});
			for (std::size_t other = 0; other < agents; ++other)
			{
				if (other != a)
				{
					m_agents[a].known.joined(other);
					m_agents[a].known.is_member(other, number_of(other));
				}
			}
		}
	}

	// How many fetches it takes until every agent has every piece.
	int fetches()
	{
		while (std::ranges::any_of(m_agents, [](agent const& a) { return a.known.missing() > 0; }))
		{
			hear();
			take_turn(m_turn % m_agents.size());
			++m_turn;
		}
		return m_fetches;
	}

private:
	struct agent
	{
		web_seed_knowledge known;
		web_seed_picker picker;
		std::deque<std::size_t> mine;
	};

	struct message
	{
		std::size_t turn = 0;
		std::size_t by = 0;
		std::size_t piece = 0;
		bool has_come = false;
	};

	static std::uint64_t number_of(std::size_t const agent) { return 77 * agent + 5; }

	void hear()
	{
		for (; !m_said.empty() && m_said.front().turn + m_late <= m_turn; m_said.pop_front())
		{
			auto const& m = m_said.front();
			for (std::size_t other = 0; other < m_agents.size(); ++other)
			{
				auto& known = m_agents[other].known;
				if (other != m.by && m.has_come)
				{
					known.peer_got(m.by, m.piece);
					known.got(m.piece);
				}
				else if (other != m.by)
				{
					known.claimed(m.by, m.piece, start);
				}
			}
		}
	}

	// A fetch takes two turns of its agent.
	void take_turn(std::size_t const by)
	{
		auto& a = m_agents[by];
		if (a.mine.size() == max_web_fetches)
		{
			a.known.got(a.mine.front());
			m_said.push_back({m_turn, by, a.mine.front(), true});
			a.mine.pop_front();
		}
		auto const is_mine = [&](std::size_t const p) { return std::ranges::count(a.mine, p) > 0; };
		if (auto const piece = a.picker.next(a.known, is_mine, start, start))
		{
			++m_fetches;
			a.mine.push_back(*piece);
			m_said.push_back({m_turn, by, *piece, false});
		}
		else if (!a.mine.empty())
		{
			a.known.got(a.mine.front());
			m_said.push_back({m_turn, by, a.mine.front(), true});
			a.mine.pop_front();
		}
	}

	std::size_t m_late;
	std::size_t m_turn = 0;
	int m_fetches = 0;
	std::vector<agent> m_agents;
	std::deque<message> m_said;
};

} // namespace

TEST(web_seed_picker, every_piece_is_picked_once_in_the_agents_own_order)
{
	auto known = knowing_nobody(100);
	web_seed_picker first(100, 1);
	web_seed_picker second(100, 2);
	std::vector<std::size_t> order;
	std::vector<std::size_t> other_order;
	auto other_known = known;
	while (auto const piece = next(first, known))
	{
		order.push_back(*piece);
		known.got(*piece);
	}
	while (auto const piece = next(second, other_known))
	{
		other_order.push_back(*piece);
		other_known.got(*piece);
	}
	EXPECT_NE(order, other_order);
	EXPECT_EQ(std::set<std::size_t>(order.begin(), order.end()).size(), 100u);
	EXPECT_EQ(order.size(), 100u);
	EXPECT_EQ(other_order.size(), 100u);
}

TEST(web_seed_picker, what_this_agent_fetches_already_is_not_picked_again)
{
	auto const known = knowing_nobody(2);
	web_seed_picker picker(2, 1);
	EXPECT_EQ(picker.next(
				  known, [](std::size_t const piece) { return piece == 1; }, start, start),
		0u);
	EXPECT_FALSE(picker.next(
		known, [](std::size_t) { return true; }, start, start + seconds(99)));
}

TEST(web_seed_picker, what_a_peer_has_or_claims_is_left_to_it)
{
	auto known = knowing_nobody(3);
	known.joined(alice);
	known.peer_got(alice, 0);
	known.claimed(alice, 1, start);
	web_seed_picker picker(3, 1);
	EXPECT_EQ(next(picker, known), 2u);
	known.got(2);
	EXPECT_FALSE(next(picker, known));
	known.left(alice);
	EXPECT_TRUE(next(picker, known));
}

TEST(web_seed_picker, a_claim_is_believed_for_once_to_twice_its_limit)
{
	auto known = knowing_nobody(1);
	known.joined(alice);
	known.claimed(alice, 0, start);
	web_seed_picker picker(1, 1);
	auto const limit = web_seed_picker::first_claim_limit;
	EXPECT_FALSE(next(picker, known, start + limit - milliseconds(1)));
	EXPECT_EQ(next(picker, known, start + 2 * limit), 0u);
}

TEST(web_seed_picker, an_overdue_claim_comes_after_everything_that_nobody_fetches)
{
	auto known = knowing_nobody(50);
	known.joined(alice);
	known.claimed(alice, 7, start);
	web_seed_picker picker(50, 3);
	auto const late = start + seconds(3600);
	for (int round = 0; round < 49; ++round)
	{
		auto const piece = next(picker, known, late);
		ASSERT_TRUE(piece);
		EXPECT_NE(*piece, 7u);
		known.got(*piece);
	}
	EXPECT_EQ(next(picker, known, late), 7u);
}

TEST(web_seed_picker, agents_stop_believing_a_claim_at_different_times)
{
	auto known = knowing_nobody(1);
	known.joined(alice);
	known.claimed(alice, 0, start);
	auto const limit = web_seed_picker::first_claim_limit;
	int before_half = 0;
	for (std::uint64_t own = 1; own <= 100; ++own)
	{
		web_seed_picker picker(1, own);
		before_half += next(picker, known, start + limit + limit / 2) ? 1 : 0;
	}
	EXPECT_GT(before_half, 20);
	EXPECT_LT(before_half, 80);
}

TEST(web_seed_picker, a_claim_is_believed_three_times_as_long_as_the_slowest_piece_took)
{
	web_seed_picker picker(1, 1);
	EXPECT_EQ(picker.claim_limit(), web_seed_picker::first_claim_limit);
	picker.took(seconds(12));
	picker.took(seconds(4));
	EXPECT_EQ(picker.claim_limit(), seconds(36));
	for (int i = 0; i < 8; ++i)
	{
		picker.took(milliseconds(1));
	}
	EXPECT_EQ(picker.claim_limit(), web_seed_picker::min_claim_limit);
	picker.took(seconds(1000));
	EXPECT_EQ(picker.claim_limit(), web_seed_picker::max_claim_limit);
}

TEST(web_seed_picker, pieces_that_peers_have_are_fetched_when_nothing_has_come_for_long)
{
	auto known = knowing_nobody(1);
	known.joined(alice);
	known.peer_got(alice, 0);
	web_seed_picker picker(1, 1);
	auto const limit = web_seed_picker::stall_limit;
	EXPECT_FALSE(picker.next(known, not_mine, start + limit - milliseconds(1), start));
	EXPECT_EQ(picker.next(known, not_mine, start + limit, start), 0u);
}

TEST(web_seed_picker, a_room_that_hears_its_claims_at_once_fetches_each_piece_once)
{
	EXPECT_EQ(talking_room(8, 400, 0).fetches(), 400);
}

// Claims are heard sixteen picks late, as they wait behind pieces in the same connections. Without shares
// sixty-six pieces would be fetched twice.
TEST(web_seed_picker, a_room_that_hears_its_claims_late_fetches_few_pieces_twice)
{
	EXPECT_LE(talking_room(8, 400, 16).fetches(), 400 + 20);
}

TEST(web_seed_picker, a_full_server_is_asked_for_one_piece_at_once)
{
	EXPECT_EQ(web_fetches_for(0), 2u);
	EXPECT_EQ(web_fetches_for(members_that_fill_a_server - 1), 2u);
	EXPECT_EQ(web_fetches_for(members_that_fill_a_server), 1u);
}

} // namespace rawswarm
