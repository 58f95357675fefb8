// SPDX-License-Identifier: BSD-3-Clause
// Writes: what lands where, when, and together with what; hashes that are taken meanwhile.
#include "storage/backend/raw_disk_io.hpp"
#include "tests/support/base/random_bytes.hpp"
#include "tests/support/device/device_place.hpp"
#include "tests/support/device/disk_fixture.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string>

namespace rawswarm
{
namespace
{

using test::device_call;
using test::device_place;
using test::disk_fixture;
using test::extents_of;

constexpr int piece_size = 64 * 1024;
constexpr std::size_t one_mib = 1024 * 1024;

TEST(raw_disk_io, extents_in_any_order_land_at_their_offsets_and_nothing_else_is_touched)
{
	disk_fixture f(
		test::scattered_extents({.count = 40}), {.torrent = {.piece_size = piece_size, .shuffled = true}});
	for (int p = 0; p < f.pieces(); ++p)
	{
		f.write_piece(p);
		EXPECT_EQ(f.finish(f.hash(p)).v1, f.info().hash_for_piece(lt::piece_index_t{p})) << p;
	}
	f.finish(f.stop());
	EXPECT_TRUE(f.device_holds_image());
	EXPECT_TRUE(f.target().complete());
}

TEST(raw_disk_io, pad_files_read_as_zeros_and_are_never_written)
{
	disk_fixture f(
		extents_of({20'000, 30'000, 100}), {.torrent = {.piece_size = piece_size, .pad_files = true}});
	std::string const garbage(block_size, 'g');
	for (int p = 0; p < f.pieces(); ++p)
	{
		// a peer's pad bytes are not trusted
		for (int b = 0; b < f.blocks(p); ++b)
		{
			auto bytes = f.block(p, b);
			auto const zeros = bytes.find(std::string(100, '\0'));
			bytes.replace(std::min(zeros, bytes.size()), std::string::npos,
				std::string(bytes.size() - std::min(zeros, bytes.size()), 'g'));
			f.write(p, b, bytes);
		}
		f.finish(f.clear(p));
	}
	EXPECT_TRUE(f.device_holds_image());
	EXPECT_EQ(f.finish(f.read(0, block_size, block_size)).bytes, f.block(0, 1));
	EXPECT_EQ(f.finish(f.read(0, 2 * block_size, block_size)).bytes, std::string(block_size, '\0'));
	EXPECT_EQ(f.finish(f.hash(1)).v1, f.info().hash_for_piece(lt::piece_index_t{1}));
}

TEST(raw_disk_io, pieces_that_wait_together_share_a_write)
{
	// one worker, or the stop would take some of them away
	disk_fixture f(extents_of({one_mib}), {.settings = {.memory = 4 * one_mib, .io_threads = 1}});
	for (int const p : {2, 0, 1})
	{
		f.write_piece(p);
		f.hash(p);
	}
	f.finish(f.stop());
	auto const log = f.device().log();
	ASSERT_EQ(log.size(), 1U);
	EXPECT_EQ(log[0].offset, device_place(0, 0));
	EXPECT_EQ(log[0].length, 3U * piece_size);
}

TEST(raw_disk_io, piece_is_written_once_it_has_gathered_enough)
{
	disk_fixture f(extents_of({one_mib}), {.profile = {.max_blocks = 2}});
	auto const first = f.write_block(0, 0);
	f.finish(f.read(0, 0, block_size));
	EXPECT_FALSE(first->value);
	f.finish(f.write_block(0, 1));
	EXPECT_FALSE(f.finish(first));
}

TEST(raw_disk_io, cleared_piece_may_be_written_anew)
{
	disk_fixture f(extents_of({2 * piece_size}));
	auto const wrong = test::random_bytes(99, block_size);
	for (int b = 0; b < 4; ++b)
	{
		f.write(0, b, wrong);
	}
	EXPECT_NE(f.finish(f.hash(0)).v1, f.info().hash_for_piece(lt::piece_index_t{0}));
	f.finish(f.clear(0));
	f.write_piece(0);
	f.write_piece(1);
	EXPECT_EQ(f.finish(f.read(0, 0, block_size)).bytes, f.block(0, 0));
	EXPECT_EQ(f.finish(f.hash(0)).v1, f.info().hash_for_piece(lt::piece_index_t{0}));
	f.finish(f.stop());
	EXPECT_TRUE(f.device_holds_image());
}

TEST(raw_disk_io, piece_written_anew_is_complete_only_when_its_new_content_is_on_the_device)
{
	disk_fixture f(extents_of({piece_size}));
	for (int b = 0; b < 4; ++b)
	{
		f.write(0, b, test::random_bytes(99, block_size));
	}
	f.finish(f.clear(0));
	EXPECT_EQ(f.target().written(), piece_size);
	f.device().block(device_call::write);
	f.write_piece(0);
	f.finish(f.hash(0));
	EXPECT_EQ(f.target().verified(), piece_size);
	EXPECT_FALSE(f.target().complete());
	f.device().release_all();
	f.finish(f.stop());
	EXPECT_TRUE(f.target().complete());
}

TEST(raw_disk_io, block_that_comes_again_before_it_was_written_wins)
{
	disk_fixture f(extents_of({piece_size}));
	auto const wrong = f.write(0, 0, test::random_bytes(99, block_size));
	auto const right = f.write_piece(0);
	f.finish(f.stop());
	EXPECT_FALSE(f.finish(wrong));
	f.finish(right);
	EXPECT_TRUE(f.device_holds_image());
	EXPECT_EQ(f.target().written(), piece_size);
}

TEST(raw_disk_io, old_blocks_are_written_though_their_piece_is_not_complete)
{
	disk_fixture f(
		extents_of({one_mib}), {.profile = {.min_blocks = 2, .timeout = std::chrono::milliseconds(50)}});
	auto const lone = f.write_block(0, 0);
	auto const first = f.write_block(1, 0);
	auto const second = f.write_block(1, 1);
	f.finish(first);
	f.finish(second);
	EXPECT_FALSE(lone->value) << "one block is not worth a write yet";
	EXPECT_EQ(f.stats().flushes_for(flush_reason::age), 1);
	f.finish(lone);
	EXPECT_EQ(f.stats().flushes_for(flush_reason::age), 2) << "but it does not wait for ever";
	EXPECT_EQ(f.device().count(device_call::write), 2);
}

TEST(raw_disk_io, hash_is_taken_while_the_piece_arrives)
{
	disk_fixture f(extents_of({2 * one_mib}), {.torrent = {.piece_size = one_mib}});
	for (int b = 0; b < 40; ++b)
	{
		f.write_block(0, b);
	}
	EXPECT_TRUE(f.run_until([&] { return f.stats().blocks_hashed >= 32; }));
	for (int b = 40; b < 64; ++b)
	{
		f.write_block(0, b);
	}
	EXPECT_EQ(f.finish(f.hash(0)).v1, f.info().hash_for_piece(lt::piece_index_t{0}));
	EXPECT_EQ(f.stats().blocks_hashed, 64) << "each block once";
	EXPECT_EQ(f.device().count(device_call::read), 0);
}

TEST(raw_disk_io, block_that_comes_again_is_hashed_again)
{
	disk_fixture f(extents_of({one_mib}), {.torrent = {.piece_size = one_mib}});
	for (int b = 0; b < 32; ++b)
	{
		f.write(0, b, test::random_bytes(7, block_size));
	}
	EXPECT_TRUE(f.run_until([&] { return f.stats().blocks_hashed >= 32; }));
	f.write_piece(0);
	EXPECT_EQ(f.finish(f.hash(0)).v1, f.info().hash_for_piece(lt::piece_index_t{0}));
}

} // namespace
} // namespace rawswarm
