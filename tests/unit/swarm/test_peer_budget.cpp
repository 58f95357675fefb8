// SPDX-License-Identifier: BSD-3-Clause
#include "agent/swarm/peer_budget.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

namespace rawswarm
{

namespace
{

using namespace std::chrono_literals;

constexpr std::int64_t mib = 1024 * 1024;
constexpr std::int64_t kib = 1024;
constexpr std::int64_t many_pieces = 4'000'000; // few less than a torrent may have
constexpr std::int64_t have_bytes = 9;

class peer_budgets : public ::testing::Test
{
protected:
	connection_facts& add(std::string const& address)
	{
		connection_facts c;
		c.id = ++m_ids;
		c.remote = boost::asio::ip::make_address(address);
		c.has_met = true;
		c.most_unsent = mib;
		return m_all.emplace_back(c);
	}

	void add(int const n, std::string const& address)
	{
		for (int i = 0; i < n; ++i)
		{
			add(address);
		}
	}

	peer_budget::verdict judge(std::chrono::milliseconds const later = 500ms)
	{
		m_now += later;
		return m_budget.judge(m_all, m_limits, m_now);
	}

	bool is_crowded(std::string const& address) const
	{
		auto const all = m_budget.crowded();
		return std::ranges::find(all, boost::asio::ip::make_address(address)) != all.end();
	}

	// Has what one connection of the address says at once ended that connection?
	bool ends(std::string const& address, std::int64_t const talk, std::int64_t const pieces = 0)
	{
		auto& c = add(address);
		c.pieces = pieces;
		judge(0ms);
		c.other_in += talk;
		bool const ended = !judge(0ms).talkers.empty();
		m_all.pop_back();
		return ended;
	}

	budget_limits m_limits{100, 64 * mib};
	std::vector<connection_facts> m_all;
	peer_budget m_budget;

private:
	std::uint64_t m_ids = 0;
	peer_budget::clock::time_point m_now{1h};
};

} // namespace

TEST_F(peer_budgets, let_a_room_be_as_it_is)
{
	for (int i = 1; i < 80; ++i)
	{
		add("10.0.0." + std::to_string(i));
	}
	for (int second = 0; second < 20; ++second)
	{
		for (auto& c : m_all)
		{
			c.blocks_out += 2 * mib;
			c.blocks_in += 2 * mib;
			c.other_in += 20'000;
			c.unsent = mib / 2;
		}
		auto const v = judge();
		EXPECT_TRUE(v.surplus.empty());
		EXPECT_TRUE(v.talkers.empty());
	}
	EXPECT_TRUE(m_budget.crowded().empty());
}

TEST_F(peer_budgets, give_an_address_its_share_of_the_connections)
{
	add(60, "10.0.0.1");
	add("10.0.0.2");
	auto const v = judge();
	EXPECT_EQ(v.surplus.size(), 35U); // 25 stay
	EXPECT_FALSE(std::ranges::count(v.surplus, 60U) > 0);
	EXPECT_TRUE(is_crowded("10.0.0.1"));
	EXPECT_FALSE(is_crowded("10.0.0.2"));
}

TEST_F(peer_budgets, forget_that_an_address_was_crowded)
{
	add(60, "10.0.0.1");
	judge();
	m_all.clear();
	EXPECT_FALSE(judge(9s).crowd_has_changed);
	EXPECT_TRUE(is_crowded("10.0.0.1"));
	EXPECT_TRUE(judge(2s).crowd_has_changed);
	EXPECT_FALSE(is_crowded("10.0.0.1"));
}

TEST_F(peer_budgets, hang_up_first_on_who_gave_nothing_and_came_last)
{
	add(26, "10.0.0.1");
	m_all[25].blocks_in = 1;
	EXPECT_EQ(judge().surplus, std::vector<std::size_t>{24});
	m_all[3].has_met = false;
	m_all.erase(m_all.begin() + 24);
	add("10.0.0.1");
	EXPECT_EQ(judge().surplus, std::vector<std::size_t>{3});
}

TEST_F(peer_budgets, have_the_largest_give_way_when_nearly_all_is_taken)
{
	for (int i = 1; i < 75; ++i)
	{
		add("10.0.1." + std::to_string(i));
	}
	add(20, "10.0.0.1");
	auto const v = judge();
	EXPECT_EQ(v.surplus.size(), 4U); // 90 stay
	EXPECT_TRUE(std::ranges::all_of(v.surplus, [](auto const i) { return i >= 74; }));
}

TEST_F(peer_budgets, leave_a_room_of_many_addresses_whole_however_full_it_is)
{
	for (int i = 1; i < 100; ++i)
	{
		add("10.0.1." + std::to_string(i));
	}
	EXPECT_TRUE(judge().surplus.empty());
}

TEST_F(peer_budgets, end_a_connection_that_says_much_and_fetches_nothing)
{
	auto& c = add("10.0.0.1");
	judge();
	c.other_in += 10 * mib;
	EXPECT_EQ(judge().talkers, std::vector<std::size_t>{0});
}

TEST_F(peer_budgets, end_a_connection_that_goes_on_saying_a_little_too_much)
{
	auto& c = add("10.0.0.1");
	c.pieces = many_pieces;
	int seconds = 0;
	for (; judge(1s).talkers.empty() && seconds < 60; ++seconds)
	{
		c.other_in += 2 * peer_budget::talk_per_second;
	}
	EXPECT_GT(seconds, 4);
	EXPECT_LT(seconds, 12);
}

TEST_F(peer_budgets, allow_a_have_for_each_piece_at_once)
{
	for (std::int64_t const pieces : {1, 2'000, 60'000})
	{
		EXPECT_FALSE(ends("10.0.0.1", pieces * have_bytes, pieces)) << pieces;
	}
	EXPECT_FALSE(ends("10.0.0.1", many_pieces / 8, many_pieces)); // BITFIELD
	EXPECT_TRUE(ends("10.0.0.1", 200 * kib, 2'000));
}

TEST_F(peer_budgets, allow_little_at_once_to_an_address_that_was_hung_up_on_for_what_it_said)
{
	EXPECT_FALSE(ends("10.0.0.1", 100 * kib));
	EXPECT_TRUE(ends("10.0.0.1", 200 * kib));
	judge(500ms);
	EXPECT_TRUE(ends("10.0.0.1", 100 * kib));
	EXPECT_FALSE(ends("10.0.0.2", 100 * kib));
}

TEST_F(peer_budgets, allow_no_more_talk_to_a_source_that_nothing_comes_from)
{
	auto& c = add("10.0.0.1");
	c.is_whole = true;
	judge();
	c.other_in += 200 * kib;
	EXPECT_EQ(judge(0ms).talkers.size(), 1U);
}

TEST_F(peer_budgets, allow_for_frames_of_blocks_that_came_from_others_meanwhile)
{
	auto& c = add("10.0.0.1");
	c.blocks_in = 1;
	judge();
	c.other_in += mib / 2;
	EXPECT_TRUE(judge(0ms).talkers.empty());
}

TEST_F(peer_budgets, let_an_honest_peer_be_that_has_the_address_of_a_talker)
{
	constexpr std::int64_t pieces = 60'000;
	add("10.0.0.1").pieces = pieces; // was here before
	ASSERT_TRUE(ends("10.0.0.1", 2 * mib));
	add("10.0.0.1").pieces = pieces;
	m_all[0].other_in += pieces / 8;
	m_all[1].other_in += pieces * have_bytes;
	EXPECT_TRUE(judge().talkers.empty());
	for (int second = 0; second < 60; ++second)
	{
		for (auto& c : m_all)
		{
			c.other_in += 100 * kib;
			c.blocks_out += 16 * kib;
		}
		EXPECT_TRUE(judge(1s).talkers.empty());
	}
}

TEST_F(peer_budgets, forgive_an_address_that_says_no_more_than_others_for_three_minutes)
{
	ASSERT_TRUE(ends("10.0.0.1", 2 * mib));
	judge(179s);
	EXPECT_TRUE(ends("10.0.0.1", 100 * kib)); // from here on anew
	judge(179s);
	judge(2s);
	EXPECT_FALSE(ends("10.0.0.1", 100 * kib));
}

TEST_F(peer_budgets, slow_down_who_dials_again_until_a_block_has_come_or_gone)
{
	ASSERT_TRUE(ends("10.0.0.1", 2 * mib));
	EXPECT_EQ(m_budget.suspects(), std::vector{boost::asio::ip::make_address("10.0.0.1")});
	auto& c = add("10.0.0.1");
	EXPECT_TRUE(m_budget.is_slow(c));
	c.blocks_out = 1;
	EXPECT_FALSE(m_budget.is_slow(c));
	c.blocks_out = 0;
	c.blocks_in = 1;
	EXPECT_FALSE(m_budget.is_slow(c));
	EXPECT_FALSE(m_budget.is_slow(add("10.0.0.2")));
	EXPECT_TRUE(judge(181s).suspects_have_changed);
	EXPECT_TRUE(m_budget.suspects().empty());
}

TEST_F(peer_budgets, end_a_slow_connection_that_talks_on)
{
	ASSERT_TRUE(ends("10.0.0.1", 2 * mib));
	auto& c = add("10.0.0.1");
	int seconds = 0;
	for (; judge(1s).talkers.empty() && seconds < 60; ++seconds)
	{
		c.other_in += 2 * kib;
	}
	EXPECT_LT(seconds, 40);
}

TEST_F(peer_budgets, leave_an_address_its_newest_slow_connections_and_all_that_are_of_use)
{
	ASSERT_TRUE(ends("10.0.0.1", 2 * mib));
	add(peer_budget::most_slow, "10.0.0.1");
	add("10.0.0.1").blocks_in = 1;
	add(3, "10.0.0.1");
	EXPECT_EQ(judge().surplus, (std::vector<std::size_t>{2, 1, 0}));
}

TEST_F(peer_budgets, suspect_a_thousand_addresses_at_most)
{
	auto const address = [](std::size_t const i) {
		return "10.1." + std::to_string(i / 250) + '.' + std::to_string(i % 250);
	};
	for (std::size_t i = 0; i <= peer_budget::most_suspects; ++i)
	{
		ASSERT_TRUE(ends(address(i), 2 * mib));
		judge(1ms);
	}
	EXPECT_FALSE(ends(address(0), 100 * kib));
	EXPECT_TRUE(ends(address(1), 100 * kib));
}

TEST_F(peer_budgets, allow_many_requests_to_a_fast_peer)
{
	auto& c = add("10.0.0.1");
	for (int second = 0; second < 60; ++second)
	{
		c.blocks_out += 2000 * mib;
		c.other_in += 2 * mib; // 17 bytes for each 16 KiB
		EXPECT_TRUE(judge(1s).talkers.empty());
	}
}

TEST_F(peer_budgets, take_frames_for_the_blocks_that_they_are)
{
	auto& c = add("10.0.0.1");
	for (int second = 0; second < 10; ++second)
	{
		c.blocks_in += 100 * mib;
		c.other_in += 50 * mib;
		EXPECT_TRUE(judge(1s).talkers.empty());
	}
}

TEST_F(peer_budgets, count_blocks_that_nobody_needs)
{
	auto& c = add("10.0.0.1");
	c.is_whole = true;
	judge();
	c.blocks_in += 4 * mib; // were on their way
	EXPECT_TRUE(judge().talkers.empty());
	c.blocks_in += 10 * mib;
	EXPECT_EQ(judge().talkers.size(), 1U);
}

TEST_F(peer_budgets, bound_what_the_connections_of_an_address_say_together)
{
	add(25, "10.0.0.1");
	add("10.0.0.2").other_in = peer_budget::talk_per_second;
	judge(1s);
	std::size_t ended = 0;
	for (int second = 0; second < 10; ++second)
	{
		for (std::size_t i = 0; i < 25; ++i)
		{
			m_all[i].other_in += peer_budget::talk_per_second;
		}
		auto const v = judge(1s);
		EXPECT_FALSE(std::ranges::count(v.talkers, 25U) > 0);
		ended += v.talkers.size();
	}
	EXPECT_GT(ended, 0U);
}

TEST_F(peer_budgets, end_a_connection_for_which_too_much_waits)
{
	add("10.0.0.1").unsent = 2 * mib;
	add("10.0.0.2").unsent = mib / 2;
	EXPECT_EQ(judge().surplus, std::vector<std::size_t>{0});
}

TEST_F(peer_budgets, bound_what_waits_for_all_together)
{
	m_limits.connections = 1000;
	for (int i = 1; i <= 100; ++i)
	{
		add("10.0.0." + std::to_string(i)).unsent = mib;
	}
	EXPECT_EQ(judge().surplus.size(), 36U);
}

} // namespace rawswarm
