// SPDX-License-Identifier: BSD-3-Clause
#include "storage/backend/cached_piece.hpp"

#include <gtest/gtest.h>

#include <array>
#include <vector>

namespace rawswarm
{
namespace
{

class cached_piece_test : public ::testing::Test
{
protected:
	void TearDown() override { m_piece.check_invariants(); }

	cached_piece::insertion insert(int const block, char& content)
	{
		return m_piece.insert_dirty({block}, &content, block_size, {}, {});
	}

	std::vector<pending_block> begin()
	{
		std::vector<pending_block> out;
		m_piece.begin_write(m_key, out);
		return out;
	}

	int end(std::vector<pending_block> const& blocks) { return m_piece.end_write(blocks, m_lost, m_again); }

	piece_key const m_key{1, lt::piece_index_t{5}};
	cached_piece m_piece;
	std::array<char, 4> m_contents{};
	std::vector<char*> m_lost;
	std::vector<block_ref> m_again;
};

TEST_F(cached_piece_test, block_that_comes_again_while_it_is_written_is_unwritten_twice)
{
	insert(3, m_contents[0]);
	auto const writing = begin();
	auto const again = insert(3, m_contents[1]);
	EXPECT_TRUE(again.is_more);
	EXPECT_FALSE(again.became_dirty);
	EXPECT_EQ(again.replaced, nullptr); // the writer has it
	EXPECT_EQ(m_piece.count_unwritten(), 2);
	m_piece.check_invariants();

	EXPECT_EQ(end(writing), 0);
	EXPECT_EQ(m_lost, std::vector{m_contents.data()});
	EXPECT_EQ(m_again, std::vector({block_ref{m_key.piece, {3}}}));
	EXPECT_EQ(m_piece.dirty(), 1);
	EXPECT_EQ(m_piece.buffer_of({3}), &m_contents[1]);
}

TEST_F(cached_piece_test, third_copy_takes_the_place_of_the_second)
{
	insert(0, m_contents[0]);
	begin();
	insert(0, m_contents[1]);
	auto const third = insert(0, m_contents[2]);
	EXPECT_FALSE(third.is_more);
	EXPECT_EQ(third.replaced, &m_contents[1]);
	EXPECT_EQ(m_piece.count_unwritten(), 2);
}

TEST_F(cached_piece_test, only_clean_blocks_that_may_go_are_forgotten)
{
	insert(0, m_contents[0]);
	m_piece.insert_clean({1}, &m_contents[1], block_size);
	m_piece.insert_clean({2}, &m_contents[2], block_size);
	EXPECT_FALSE(m_piece.insert_clean({0}, &m_contents[3], block_size));

	EXPECT_EQ(
		m_piece.forget_clean([&](char const* const b, int, block_index) { return b == &m_contents[2]; }), 1);
	EXPECT_EQ(m_piece.buffers(), std::vector({m_contents.data(), &m_contents[1]}));
	EXPECT_TRUE(m_piece.has_clean());
	EXPECT_TRUE(m_piece.is_unwritten({0}));
	EXPECT_FALSE(m_piece.is_unwritten({1}));
}

TEST_F(cached_piece_test, piece_whose_only_block_failed_is_empty)
{
	insert(1, m_contents[0]);
	auto writing = begin();
	writing[0].error.ec = lt::error_code(5, boost::system::generic_category());
	EXPECT_EQ(end(writing), 0);
	EXPECT_EQ(m_lost, std::vector{m_contents.data()});
	EXPECT_TRUE(m_piece.is_empty());
	EXPECT_EQ(m_piece.buffer_of({1}), nullptr);
	EXPECT_TRUE(begin().empty());
}

} // namespace
} // namespace rawswarm
