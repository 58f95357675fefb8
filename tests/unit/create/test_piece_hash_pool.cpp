// SPDX-License-Identifier: BSD-3-Clause
#include "agent/create/piece_hash_pool.hpp"
#include "tests/support/base/random_bytes.hpp"

#include <gtest/gtest.h>
#include <libtorrent/hasher.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <thread>
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
		EXPECT_EQ(pieces.finish().value(), plain_hashes(bytes)) << threads;
	}
}

TEST(piece_hash_pool, the_last_piece_may_be_one_byte)
{
	auto const bytes = test::random_bytes(2, 2 * piece_size + 1);
	piece_hash_pool pieces(piece_size, 2);
	pieces.append(bytes);
	EXPECT_EQ(pieces.finish().value(), plain_hashes(bytes));
}

TEST(piece_hash_pool, nothing_has_no_pieces)
{
	piece_hash_pool pieces(piece_size, 2);
	EXPECT_TRUE(pieces.finish().value().empty());
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
		EXPECT_EQ(pieces.finish().value(), plain_hashes(gap + data + gap)) << zeros;
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
	EXPECT_EQ(pieces.finish().value(), plain_hashes(bytes));
}

TEST(piece_hash_pool, may_be_dropped_with_work_left)
{
	auto const bytes = test::random_bytes(5, 6 * piece_size + 5);
	piece_hash_pool pieces(piece_size, 2);
	pieces.append(bytes); // and the destructor does not wait for ever
}

// A source that counts who reads it at once, and fails from some offsets on.
class counted_source
{
public:
	explicit counted_source(std::size_t const size)
		: bytes(test::random_bytes(6, size))
	{}

	piece_input input(int const readers)
	{
		return {
			[this](device_offset const from, std::span<char> const to) { return read(from, to); }, readers};
	}

	std::string const bytes;
	std::vector<std::uint64_t> fails_at;
	std::atomic<int> most_at_once = 0;

private:
	result<void> read(device_offset const from, std::span<char> const to)
	{
		int const now = ++m_reading;
		for (int most = most_at_once; most < now && !most_at_once.compare_exchange_weak(most, now);)
		{}
		std::this_thread::sleep_for(std::chrono::milliseconds(1));
		std::copy_n(bytes.data() + from.bytes, to.size(), to.data());
		--m_reading;
		if (std::ranges::count(fails_at, from.bytes) > 0)
		{
			return fail(fault::device, "reading at {:#x}", from.bytes);
		}
		return success();
	}

	std::atomic<int> m_reading = 0;
};

// In parts of pieces, as extents are.
result<std::vector<lt::sha1_hash>> hashes_by_reading(piece_hash_pool& pieces, std::size_t const bytes)
{
	for (std::size_t at = 0; at < bytes;)
	{
		auto const part = std::min({pieces.space().size(), bytes - at, std::size_t(20'000)});
		pieces.commit_read({at}, part);
		BOOST_OUTCOME_TRYV(pieces.check());
		at += part;
	}
	return pieces.finish();
}

TEST(piece_hash_pool, what_it_reads_itself_is_hashed_in_order_by_no_more_readers_than_allowed)
{
	for (int const readers : {1, 3})
	{
		counted_source source(30 * piece_size + 7);
		piece_hash_pool pieces(piece_size, 2, nullptr, source.input(readers));
		EXPECT_EQ(hashes_by_reading(pieces, source.bytes.size()).value(), plain_hashes(source.bytes));
		EXPECT_EQ(source.most_at_once, readers);
	}
}

TEST(piece_hash_pool, of_reads_that_fail_the_first_in_order_is_named)
{
	for (int i = 0; i < 20; ++i)
	{
		counted_source source(30 * piece_size);
		for (std::uint64_t const piece : {7U, 8U, 9U})
		{
			source.fails_at.push_back(piece * std::uint64_t(piece_size));
		}
		piece_hash_pool pieces(piece_size, 2, nullptr, source.input(4));
		auto const hashes = hashes_by_reading(pieces, source.bytes.size());
		ASSERT_FALSE(hashes);
		EXPECT_EQ(hashes.error().text, "reading at 0x38000");
	}
}

TEST(piece_hash_pool, a_last_read_that_fails_is_no_success)
{
	counted_source source(3 * piece_size);
	source.fails_at = {2 * piece_size};
	piece_hash_pool pieces(piece_size, 2, nullptr, source.input(4));
	for (std::uint64_t const piece : {0U, 1U, 2U})
	{
		ASSERT_EQ(pieces.space().size(), static_cast<std::size_t>(piece_size));
		pieces.commit_read({piece * std::uint64_t(piece_size)}, piece_size);
	}
	auto const hashes = pieces.finish();
	ASSERT_FALSE(hashes);
	EXPECT_EQ(hashes.error().kind, fault::device);
}

} // namespace
} // namespace rawswarm
