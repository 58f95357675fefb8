// SPDX-License-Identifier: BSD-3-Clause
#include "storage/backend/write_queue.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace rawswarm
{
namespace
{

using namespace std::chrono_literals;

constexpr int blocks_in_piece = 4;
constexpr std::uint64_t piece_bytes = std::uint64_t(blocks_in_piece) * block_size;

// Pieces lie on the device in the order of their numbers, without gaps.
piece_location location_of(int const piece)
{
	auto const begin = std::uint64_t(piece) * piece_bytes;
	return {{1, lt::piece_index_t{piece}}, {begin}, {begin + piece_bytes}, blocks_in_piece};
}

std::vector<int> pieces_of(std::optional<write_chain> const& chain)
{
	std::vector<int> ret;
	for (auto const& key : chain ? chain->pieces : std::vector<piece_key>())
	{
		ret.push_back(static_cast<int>(key.piece));
	}
	return ret;
}

using pieces = std::vector<int>;
using takes = write_queue::takes;

class write_queue_test : public ::testing::Test
{
protected:
	void TearDown() override { m_queue.check_invariants(); }

	void add(std::vector<int> const& all)
	{
		for (int const p : all)
		{
			m_queue.add(location_of(p), m_now);
		}
		m_queue.check_invariants();
	}
	void add_ready(std::vector<int> const& all)
	{
		add(all);
		for (int const p : all)
		{
			m_queue.set_ready(location_of(p), flush_reason::piece_complete);
		}
		m_queue.check_invariants();
	}

	steady_time m_now{1h};
	write_queue m_queue{16};
};

TEST_F(write_queue_test, gives_nothing_that_is_not_ready)
{
	EXPECT_TRUE(m_queue.empty());
	add({1, 2});
	EXPECT_FALSE(m_queue.empty());
	EXPECT_FALSE(m_queue.start_writer(1, takes::ready));
	EXPECT_FALSE(m_queue.take(takes::ready));
	m_queue.set_ready(location_of(3), flush_reason::age);
	EXPECT_FALSE(m_queue.take(takes::ready)) << "it has no dirty blocks";
}

TEST_F(write_queue_test, adjacent_ready_pieces_are_one_chain_in_device_order)
{
	add_ready({5, 3, 4, 8});
	auto const chain = m_queue.take(takes::ready);
	EXPECT_EQ(pieces_of(chain), (pieces{3, 4, 5}));
	EXPECT_EQ(chain->reason, flush_reason::piece_complete);
	EXPECT_EQ(pieces_of(m_queue.take(takes::ready)), pieces{8});
}

TEST_F(write_queue_test, piece_that_is_not_ready_parts_two_chains)
{
	add_ready({3, 5});
	add({4});
	EXPECT_EQ(pieces_of(m_queue.take(takes::ready)), pieces{3});
	EXPECT_EQ(pieces_of(m_queue.take(takes::ready)), pieces{5});
	EXPECT_FALSE(m_queue.empty());
}

TEST_F(write_queue_test, chain_is_no_longer_than_it_may_be)
{
	add_ready({1, 2, 3, 4, 5, 6});
	EXPECT_EQ(pieces_of(m_queue.take(takes::ready)), (pieces{1, 2, 3, 4}));
	EXPECT_EQ(pieces_of(m_queue.take(takes::ready)), (pieces{5, 6}));
}

TEST_F(write_queue_test, chains_come_in_sweeps_over_the_device)
{
	add_ready({10, 20});
	EXPECT_EQ(pieces_of(m_queue.take(takes::ready)), pieces{10});
	add_ready({5, 15});
	EXPECT_EQ(pieces_of(m_queue.take(takes::ready)), pieces{15}) << "behind where the last one ended";
	EXPECT_EQ(pieces_of(m_queue.take(takes::ready)), pieces{20});
	EXPECT_EQ(pieces_of(m_queue.take(takes::ready)), pieces{5}) << "the next sweep";
}

TEST_F(write_queue_test, sweep_takes_an_adjacent_piece_before_its_head_along)
{
	add_ready({10});
	EXPECT_EQ(pieces_of(m_queue.take(takes::ready)), pieces{10});
	add_ready({10, 11});
	EXPECT_EQ(pieces_of(m_queue.take(takes::ready)), (pieces{10, 11}));
}

TEST_F(write_queue_test, chains_that_cannot_grow_come_first_where_seeks_cost_most)
{
	write_queue queue(16, write_queue::order::fewest_seeks);
	auto const add_ready_ones = [&](std::vector<int> const& all) {
		for (int const p : all)
		{
			queue.add(location_of(p), m_now);
			queue.set_ready(location_of(p), flush_reason::piece_complete);
		}
	};
	add_ready_ones({1, 2, 4, 5, 6, 9, 20, 21, 22, 23, 24, 25});
	queue.add(location_of(7), m_now); // not ready, and no part of a chain
	EXPECT_EQ(pieces_of(queue.take(takes::ready)), (pieces{20, 21, 22, 23}))
		<< "the longest, no longer than it may be";
	EXPECT_EQ(pieces_of(queue.take(takes::ready)), (pieces{24, 25}))
		<< "its neighbour on one side is written";
	EXPECT_EQ(pieces_of(queue.take(takes::ready)), (pieces{4, 5, 6}))
		<< "the longest of those without a written neighbour";
	add_ready_ones({3});
	EXPECT_EQ(pieces_of(queue.take(takes::ready)), (pieces{1, 2, 3})) << "it can grow at one side only";
	add_ready_ones({7, 8, 10, 12});
	EXPECT_EQ(pieces_of(queue.take(takes::ready)), (pieces{7, 8, 9, 10}))
		<< "the same, and it is longer than...";
	EXPECT_EQ(pieces_of(queue.take(takes::ready)), pieces{12}) << "...this one, which lies alone";
	EXPECT_FALSE(queue.take(takes::ready));
	queue.check_invariants();
}

TEST_F(write_queue_test, old_pieces_are_taken_when_no_other_is_ready_and_before_those_for_urgent_memory)
{
	add({1, 2, 3, 8});
	m_queue.set_ready(location_of(2), flush_reason::age);
	m_queue.set_ready(location_of(3), flush_reason::age);
	EXPECT_TRUE(m_queue.start_writer(1, takes::ready));
	m_queue.set_ready(location_of(8), flush_reason::piece_complete);
	m_queue.set_ready(location_of(3), flush_reason::full_run);
	EXPECT_EQ(pieces_of(m_queue.take(takes::all)), pieces{3}) << "it has become ready";
	EXPECT_EQ(pieces_of(m_queue.take(takes::all)), pieces{8});
	auto const old = m_queue.take(takes::all);
	EXPECT_EQ(pieces_of(old), pieces{2});
	EXPECT_EQ(old->reason, flush_reason::age);
	EXPECT_EQ(pieces_of(m_queue.take(takes::all)), pieces{1});
	EXPECT_TRUE(m_queue.empty());
}

TEST_F(write_queue_test, urgent_memory_takes_pieces_that_are_not_ready_once_no_other_is)
{
	add({1, 2});
	add_ready({7});
	EXPECT_TRUE(m_queue.start_writer(1, takes::all));
	EXPECT_EQ(pieces_of(m_queue.take(takes::all)), pieces{7});
	auto const chain = m_queue.take(takes::all);
	EXPECT_EQ(pieces_of(chain), (pieces{1, 2}));
	EXPECT_EQ(chain->reason, flush_reason::memory);
	EXPECT_FALSE(m_queue.take(takes::all));
}

TEST_F(write_queue_test, no_more_writers_than_allowed_and_each_ends_with_nothing_to_take)
{
	add_ready({1, 5});
	EXPECT_TRUE(m_queue.start_writer(2, takes::ready));
	EXPECT_TRUE(m_queue.start_writer(2, takes::ready));
	EXPECT_FALSE(m_queue.start_writer(2, takes::ready));
	EXPECT_TRUE(m_queue.take(takes::ready));
	EXPECT_TRUE(m_queue.take(takes::ready));
	EXPECT_FALSE(m_queue.take(takes::ready));
	add_ready({9});
	EXPECT_TRUE(m_queue.start_writer(2, takes::ready)) << "one has ended";
	EXPECT_FALSE(m_queue.start_writer(2, takes::ready));
}

TEST_F(write_queue_test, piece_that_waits_too_long_is_returned_once)
{
	add({1});
	m_now += 100ms;
	add({2});
	EXPECT_EQ(m_queue.oldest(), steady_time(1h));
	EXPECT_TRUE(m_queue.older_than(steady_time(1h) - 1ms).empty());
	auto const old = m_queue.older_than(steady_time(1h) + 50ms);
	ASSERT_EQ(old.size(), 1U);
	EXPECT_EQ(old[0].location.key, location_of(1).key);
	EXPECT_EQ(m_queue.oldest(), m_now);
	EXPECT_EQ(m_queue.older_than(m_now).size(), 1U);
	EXPECT_FALSE(m_queue.oldest());
}

TEST_F(write_queue_test, piece_that_is_postponed_is_returned_again_in_its_time)
{
	add({1});
	auto const first = m_queue.older_than(m_now);
	ASSERT_EQ(first.size(), 1U);
	EXPECT_EQ(first[0].postponed, 0);
	m_now += 100ms;
	m_queue.postpone(location_of(1), m_now);
	EXPECT_EQ(m_queue.oldest(), m_now);
	EXPECT_TRUE(m_queue.older_than(m_now - 1ms).empty());
	auto const again = m_queue.older_than(m_now);
	ASSERT_EQ(again.size(), 1U);
	EXPECT_EQ(again[0].postponed, 1);
	m_queue.take(takes::all);
	m_queue.postpone(location_of(1), m_now);
	EXPECT_FALSE(m_queue.oldest()) << "it does not wait any more";
}

TEST_F(write_queue_test, age_counts_anew_for_a_piece_that_was_taken_and_comes_again)
{
	add_ready({1});
	m_queue.take(takes::ready);
	m_now += 100ms;
	add({1});
	EXPECT_TRUE(m_queue.older_than(m_now - 1ms).empty());
	EXPECT_EQ(m_queue.older_than(m_now).size(), 1U);
}

TEST_F(write_queue_test, piece_that_is_flushed_is_taken_although_it_was_not_ready_and_others_are_held)
{
	add({4});
	add_ready({5, 8});
	int flushed = 0;
	m_queue.flush(location_of(6), [&] { ++flushed; });
	EXPECT_EQ(flushed, 1) << "it does not wait";
	EXPECT_FALSE(m_queue.start_writer(1, takes::flushed));
	m_queue.flush(location_of(4), [&] { ++flushed; });
	m_queue.check_invariants();
	ASSERT_TRUE(m_queue.start_writer(1, takes::flushed));
	auto const chain = *m_queue.take(takes::flushed);
	EXPECT_EQ(pieces_of(chain), pieces{4}) << "not with its neighbour";
	EXPECT_EQ(chain.reason, flush_reason::stop);
	EXPECT_EQ(flushed, 1);
	m_queue.done(chain);
	EXPECT_EQ(flushed, 2);
	EXPECT_FALSE(m_queue.take(takes::flushed));
	EXPECT_FALSE(m_queue.empty());
}

TEST_F(write_queue_test, flush_makes_all_ready_and_ends_with_the_last_chain_that_was_there)
{
	add_ready({0});
	auto const before = *m_queue.take(takes::ready);
	add({2, 9});
	m_queue.set_ready(location_of(9), flush_reason::age);
	int flushed = 0;
	m_queue.flush([&] { ++flushed; });
	m_queue.flush(location_of(2), [&] { ++flushed; });
	m_queue.check_invariants();
	add_ready({12}); // later
	auto const first = *m_queue.take(takes::ready);
	auto const second = *m_queue.take(takes::ready);
	auto const later = *m_queue.take(takes::ready);
	EXPECT_EQ(pieces_of(first), pieces{2});
	EXPECT_EQ(pieces_of(second), pieces{9});
	m_queue.done(first);
	m_queue.done(second);
	EXPECT_EQ(flushed, 0) << "one that was taken before the flush is under way";
	m_queue.done(before);
	EXPECT_EQ(flushed, 2);
	m_queue.done(later);
	EXPECT_EQ(flushed, 2);
}

TEST_F(write_queue_test, when_done_waits_for_chains_that_were_taken_before_and_not_for_later_ones)
{
	int calls = 0;
	m_queue.when_done([&] { ++calls; });
	EXPECT_EQ(calls, 1) << "nothing is under way";

	add_ready({1, 5, 9});
	auto const first = *m_queue.take(takes::all);
	auto const second = *m_queue.take(takes::all);
	m_queue.when_done([&] { ++calls; });
	auto const later = *m_queue.take(takes::all);
	m_queue.done(second);
	EXPECT_EQ(calls, 1);
	m_queue.done(first);
	EXPECT_EQ(calls, 2);
	m_queue.when_done([&] { m_queue.when_done([&] { ++calls; }); });
	EXPECT_EQ(calls, 2);
	m_queue.done(later);
	EXPECT_EQ(calls, 3) << "it may ask again";
}

} // namespace
} // namespace rawswarm
