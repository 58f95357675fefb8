// SPDX-License-Identifier: BSD-3-Clause
#include "agent/create/piece_hash_pool.hpp"
#include "tests/support/base/random_bytes.hpp"

#include <gtest/gtest.h>
#include <libtorrent/hasher.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace rawswarm
{
namespace
{

constexpr int piece_size = 32 * 1024;

std::vector<lt::sha1_hash> plain_hashes(std::string const& bytes)
{
	std::vector<lt::sha1_hash> hashes;
	for (std::size_t at = 0; at < bytes.size(); at += piece_size)
	{
		hashes.push_back(lt::hasher(bytes.substr(at, piece_size)).final());
	}
	return hashes;
}

TEST(piece_hash_pool, hashes_are_those_of_the_pieces_in_order)
{
	auto const bytes = test::random_bytes(1, 40 * piece_size);
	for (int const threads : {1, 2, 5})
	{
		piece_hash_pool pieces(piece_size, threads);
		for (std::size_t at = 0; at < bytes.size(); at += 10'007)
		{
			pieces.append(std::string_view(bytes).substr(at, 10'007));
		}
		EXPECT_EQ(pieces.finish(), plain_hashes(bytes)) << threads;
	}
}

TEST(piece_hash_pool, the_last_piece_may_be_one_byte)
{
	auto const bytes = test::random_bytes(2, 2 * piece_size + 1);
	piece_hash_pool pieces(piece_size, 2);
	pieces.append(bytes);
	EXPECT_EQ(pieces.finish(), plain_hashes(bytes));
}

TEST(piece_hash_pool, nothing_has_no_pieces)
{
	piece_hash_pool pieces(piece_size, 2);
	EXPECT_TRUE(pieces.finish().empty());
}

TEST(piece_hash_pool, zeros_hash_the_same_within_a_piece_and_across_pieces)
{
	auto const data = test::random_bytes(3, 1000);
	for (std::size_t const zeros : {std::size_t(1), std::size_t(piece_size - 1000), std::size_t(piece_size),
			 std::size_t(5 * piece_size + 17)})
	{
		piece_hash_pool pieces(piece_size, 1);
		pieces.append_zeros(zeros);
		pieces.append(data);
		pieces.append_zeros(zeros);
		std::string const gap(zeros, '\0');
		EXPECT_EQ(pieces.finish(), plain_hashes(gap + data + gap)) << zeros;
	}
}

TEST(piece_hash_pool, room_filled_in_place_counts_as_far_as_committed)
{
	auto const bytes = test::random_bytes(4, 3 * piece_size + 5);
	piece_hash_pool pieces(piece_size, 3);
	for (std::size_t at = 0; at < bytes.size();)
	{
		auto const room = pieces.space();
		ASSERT_FALSE(room.empty());
		auto const part = std::min({room.size(), bytes.size() - at, std::size_t(20'000)});
		std::fill(room.begin(), room.end(), '\x55'); // what is not committed must not show
		std::copy_n(bytes.data() + at, part, room.data());
		pieces.commit(part);
		at += part;
	}
	EXPECT_EQ(pieces.finish(), plain_hashes(bytes));
}

TEST(piece_hash_pool, may_be_dropped_with_work_left)
{
	auto const bytes = test::random_bytes(5, 6 * piece_size + 5);
	piece_hash_pool pieces(piece_size, 2);
	pieces.append(bytes); // and the destructor does not wait for ever
}

} // namespace
} // namespace rawswarm
