// SPDX-License-Identifier: BSD-3-Clause
// Hashing from memory, and from the device.
#include "storage/backend/raw_disk_io.hpp"
#include "tests/support/device/small_disk.hpp"

#include <gtest/gtest.h>
#include <libtorrent/hasher.hpp>

#include <array>
#include <cstddef>
#include <string>

namespace rawswarm
{
namespace
{

using test::device_call;
using test::disk_fixture;
using test::extents_of;
using test::piece_size;
using test::tiny;

constexpr lt::disk_job_flags_t check_flags =
	lt::disk_interface::v1_hash | lt::disk_interface::sequential_access | lt::disk_interface::volatile_read;

TEST(raw_disk_io_hash, hash_from_memory_is_right_and_reads_nothing)
{
	disk_fixture f(extents_of({3 * piece_size + 20'000}));
	for (int p = 0; p < f.pieces(); ++p)
	{
		f.write_piece(p);
		EXPECT_EQ(f.finish(f.hash(p)).v1, lt::hasher(f.piece(p)).final()) << p;
	}
	EXPECT_EQ(f.device().count(device_call::read), 0);
	f.finish(f.stop());
	EXPECT_TRUE(f.target().complete());
}

TEST(raw_disk_io_hash, hash_is_read_back_once_blocks_were_evicted)
{
	disk_fixture f(extents_of({20 * piece_size}), {.settings = tiny});
	for (int p = 0; p < f.pieces(); ++p)
	{
		f.write_piece(p);
		f.finish(f.stop());
	}
	for (int p = 0; p < f.pieces(); ++p)
	{
		EXPECT_EQ(f.finish(f.hash(p)).v1, lt::hasher(f.piece(p)).final()) << p;
	}
	// 80 blocks were written and 64 are in memory
	EXPECT_GE(f.stats().blocks_read_back, 16);
	EXPECT_GT(f.device().count(device_call::read), 0);
	EXPECT_LT(f.stats().blocks_read_back, 80);
	EXPECT_TRUE(f.target().complete());
}

// 16 blocks more than fit into memory.
void write_and_evict(disk_fixture& f)
{
	for (int p = 0; p < f.pieces(); ++p)
	{
		f.write_piece(p);
		f.finish(f.stop());
	}
}

TEST(raw_disk_io_hash, what_the_device_returns_instead_of_what_was_written_is_its_own_fault)
{
	disk_fixture f(extents_of({20 * piece_size}), {.settings = tiny});
	write_and_evict(f);
	f.device().put(512 + block_size + 100, "other bytes");
	EXPECT_TRUE(f.finish(f.hash(0)).error) << "without it libtorrent blames who sent the piece";
	auto const why = f.target().first_error();
	ASSERT_TRUE(why);
	EXPECT_EQ(why->kind, fault::verification);
	EXPECT_EQ(why->text, "reading memory: piece 0 is not what was written to it");
}

TEST(raw_disk_io_hash, what_was_wrong_when_it_came_is_not_the_fault_of_the_device)
{
	disk_fixture f(extents_of({20 * piece_size}), {.settings = tiny});
	f.write(0, 1, std::string(block_size, 'w'));
	for (int const b : {0, 2, 3})
	{
		f.write(0, b, f.piece(0).substr(static_cast<std::size_t>(b) * block_size, block_size));
	}
	f.finish(f.stop());
	for (int p = 1; p < f.pieces(); ++p)
	{
		f.write_piece(p);
		f.finish(f.stop());
	}
	auto const hashed = f.finish(f.hash(0));
	EXPECT_FALSE(hashed.error);
	EXPECT_NE(hashed.v1, lt::hasher(f.piece(0)).final());
	EXPECT_GT(f.stats().blocks_read_back, 0);
	EXPECT_FALSE(f.target().failed());
}

TEST(raw_disk_io_hash, a_piece_that_comes_again_is_compared_with_its_newer_blocks)
{
	disk_fixture f(extents_of({20 * piece_size}), {.settings = tiny});
	write_and_evict(f);
	for (int b = 0; b < 4; ++b)
	{
		f.write(0, b, std::string(block_size, 'w'));
	}
	f.finish(f.stop());
	for (int p = 1; p < f.pieces(); ++p)
	{
		f.write_piece(p);
		f.finish(f.stop());
	}
	EXPECT_FALSE(f.finish(f.hash(0)).error);
	EXPECT_FALSE(f.target().failed());
}

TEST(raw_disk_io_hash, hash_takes_some_blocks_from_memory_and_the_others_from_the_device)
{
	disk_fixture f(extents_of({piece_size}));
	f.put_image();
	f.device().put(512 + 2 * block_size, std::string(block_size, 'w'));
	f.device().block(device_call::write);
	f.write_block(0, 2);
	EXPECT_EQ(f.finish(f.hash(0)).v1, lt::hasher(f.piece(0)).final());
	EXPECT_EQ(f.device().count(device_call::read), 2) << "what lies before and what lies behind";
}

TEST(raw_disk_io_hash, check_of_the_device_makes_the_target_complete)
{
	disk_fixture f(extents_of({3 * piece_size}));
	f.put_image();
	for (int p = 0; p < f.pieces(); ++p)
	{
		EXPECT_EQ(f.finish(f.hash(p, check_flags)).v1, lt::hasher(f.piece(p)).final());
	}
	EXPECT_TRUE(f.target().complete());
	EXPECT_EQ(f.device().count(device_call::write), 0);
}

TEST(raw_disk_io_hash, piece_that_is_not_the_torrents_ends_a_target_that_must_match)
{
	disk_fixture f(extents_of({2 * piece_size}), {.must_match = true});
	f.put_image();
	f.device().put(512 + piece_size + 7, "x");
	f.finish(f.hash(0, check_flags));
	EXPECT_FALSE(f.target().failed());
	f.finish(f.hash(1, check_flags));
	EXPECT_TRUE(f.target().failed());
	EXPECT_EQ(f.target_errors(), 1);
}

TEST(raw_disk_io_hash, block_hashes_are_right_from_memory_and_from_the_device)
{
	disk_fixture f(extents_of({piece_size + 20'000}));
	for (bool const in_memory : {true, false})
	{
		SCOPED_TRACE(in_memory);
		for (int const p : {0, 1})
		{
			if (in_memory)
			{
				f.write_piece(p);
			}
			else
			{
				f.finish(f.clear(p));
			}
			std::array<lt::sha256_hash, 4> sums;
			lt::span<lt::sha256_hash> const v2(sums.data(), f.blocks(p));
			EXPECT_EQ(
				f.finish(f.hash(p, lt::disk_interface::v1_hash, v2)).v1, lt::hasher(f.piece(p)).final());
			for (int b = 0; b < f.blocks(p); ++b)
			{
				auto const expected = lt::hasher256(f.block(p, b)).final();
				EXPECT_EQ(v2[b], expected) << b;
				EXPECT_EQ(f.finish(f.hash2(p, b * block_size)).v2, expected) << b;
			}
		}
		EXPECT_EQ(f.device().count(device_call::read) == 0, in_memory);
	}
}

TEST(raw_disk_io_hash, v1_is_left_out_when_only_v2_is_asked_for)
{
	disk_fixture f(extents_of({piece_size}));
	f.put_image();
	std::array<lt::sha256_hash, 4> v2;
	EXPECT_TRUE(f.finish(f.hash(0, {}, v2)).v1.is_all_zeros());
	EXPECT_EQ(v2[3], lt::hasher256(f.block(0, 3)).final());
}

} // namespace
} // namespace rawswarm
