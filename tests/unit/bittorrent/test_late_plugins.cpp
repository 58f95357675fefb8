// SPDX-License-Identifier: BSD-3-Clause
#include "agent/bittorrent/late_plugins.hpp"

#include <gtest/gtest.h>

namespace rawswarm
{

namespace
{

using lt::piece_index_t;
using first = held_messages::first;

constexpr int pieces = 20;

} // namespace

TEST(held_messages, a_piece_that_is_taken_back_is_not_in_the_bitfield_any_more)
{
	held_messages held;
	held.had = first::bitfield;
	held.pieces.resize(pieces, true);
	held.take_back(piece_index_t(3), pieces);
	EXPECT_EQ(held.had, first::bitfield);
	EXPECT_FALSE(held.pieces[piece_index_t(3)]);
	EXPECT_EQ(held.pieces.count(), pieces - 1);
}

TEST(held_messages, who_had_all_and_takes_one_back_has_the_others)
{
	held_messages held;
	held.had = first::have_all;
	held.take_back(piece_index_t(19), pieces);
	EXPECT_EQ(held.had, first::bitfield);
	EXPECT_EQ(held.pieces.size(), pieces);
	EXPECT_FALSE(held.pieces[piece_index_t(19)]);
	EXPECT_EQ(held.pieces.count(), pieces - 1);
}

TEST(held_messages, a_piece_that_was_had_later_is_taken_back_and_had_again)
{
	held_messages held;
	held.had = first::have_none;
	held.news.resize(pieces);
	held.news.set_bit(piece_index_t(5));
	held.news.set_bit(piece_index_t(6));
	held.take_back(piece_index_t(5), pieces);
	EXPECT_EQ(held.had, first::have_none);
	EXPECT_FALSE(held.news[piece_index_t(5)]);
	EXPECT_TRUE(held.news[piece_index_t(6)]);
}

TEST(held_messages, a_piece_that_the_torrent_has_not_changes_nothing)
{
	held_messages held;
	held.had = first::have_all;
	held.take_back(piece_index_t(pieces), pieces);
	held.take_back(piece_index_t(-1), pieces);
	EXPECT_EQ(held.had, first::have_all);
}

} // namespace rawswarm
