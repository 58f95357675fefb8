// SPDX-License-Identifier: BSD-3-Clause
#include "storage/backend/frames_beside.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace rawswarm
{

namespace
{

lt::sha1_hash torrent(char const letter)
{
	return lt::sha1_hash(std::string(lt::sha1_hash::size(), letter));
}

piece_frames piece_of(std::vector<std::string> const& frames)
{
	piece_frames piece;
	for (auto const& frame : frames)
	{
		piece.add(frame);
	}
	return piece;
}

std::vector<std::string> taken(
	frames_beside& from, char const letter, int const piece, std::size_t const blocks)
{
	std::vector<std::string> all;
	for (std::size_t block = 0; block < blocks; ++block)
	{
		all.push_back(from.take(torrent(letter), lt::piece_index_t(piece), block));
	}
	return all;
}

constexpr std::size_t enough = 1000;

using texts = std::vector<std::string>;

} // namespace

TEST(frames_beside, are_taken_by_the_blocks_of_their_piece_and_torrent)
{
	frames_beside beside;
	EXPECT_TRUE(beside.empty());
	beside.offer(torrent('a'), lt::piece_index_t(3), piece_of({"first", "", "third"}), enough);
	beside.offer(torrent('b'), lt::piece_index_t(3), piece_of({"other"}), enough);

	EXPECT_EQ(taken(beside, 'a', 2, 3), texts({"", "", ""}));
	EXPECT_EQ(taken(beside, 'a', 3, 3), texts({"first", "", "third"}));
	EXPECT_FALSE(beside.empty());
	EXPECT_EQ(taken(beside, 'b', 3, 2), texts({"other", ""}));
	EXPECT_TRUE(beside.empty());
}

TEST(frames_beside, are_forgotten_when_later_ones_need_their_room)
{
	frames_beside beside;
	constexpr std::size_t room = 10;
	for (int const piece : {1, 2, 3})
	{
		beside.offer(torrent('a'), lt::piece_index_t(piece), piece_of({"frame"}), room);
	}
	EXPECT_EQ(taken(beside, 'a', 1, 1), texts({""}));
	EXPECT_EQ(taken(beside, 'a', 2, 1), texts({"frame"}));

	beside.offer(torrent('a'), lt::piece_index_t(4), piece_of({"a longer frame"}), room);
	EXPECT_EQ(taken(beside, 'a', 3, 1), texts({""}));
	EXPECT_EQ(taken(beside, 'a', 4, 1), texts({"a longer frame"}));
}

} // namespace rawswarm
