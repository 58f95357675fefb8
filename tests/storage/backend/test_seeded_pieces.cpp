// SPDX-License-Identifier: BSD-3-Clause
// Pieces that are hashed before they are first sent: what the device is asked for.
#include "storage/backend/raw_disk_io.hpp"
#include "storage/backend/read_streak.hpp"
#include "tests/support/device/device_place.hpp"
#include "tests/support/device/disk_fixture.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace rawswarm
{
namespace
{

using test::device_call;
using test::device_place;
using test::disk_fixture;
using test::extents_of;

constexpr std::size_t one_mib = 1024 * 1024;
constexpr int piece_size = 64 * 1024;
constexpr int blocks_in_piece = piece_size / block_size;

device_profile rotating(int const piece_ahead_blocks)
{
	auto p = profile_for(device_kind::hdd);
	p.piece_ahead_blocks = piece_ahead_blocks;
	return p;
}

void read_piece(disk_fixture& f, int const piece)
{
	for (int b = 0; b < blocks_in_piece; ++b)
	{
		ASSERT_EQ(f.finish(f.read(piece, b * block_size, block_size)).bytes, f.block(piece, b));
	}
}

std::vector<std::uint64_t> read_offsets(disk_fixture& f)
{
	std::vector<std::uint64_t> offsets;
	for (auto const& call : f.device().log())
	{
		offsets.push_back(call.offset);
	}
	return offsets;
}

std::uint64_t bytes_read(disk_fixture& f)
{
	std::uint64_t bytes = 0;
	for (auto const& call : f.device().log())
	{
		bytes += call.length;
	}
	return bytes;
}

TEST(seeded_pieces, piece_that_several_peers_fetch_is_read_from_the_device_once)
{
	for (auto const kind : {device_kind::hdd, device_kind::sata_ssd, device_kind::image_file})
	{
		disk_fixture f(extents_of({one_mib}), {.profile = profile_for(kind)});
		f.put_image();
		EXPECT_EQ(f.finish(f.hash(4)).v1, f.info().hash_for_piece(lt::piece_index_t{4}));
		for (int peer = 0; peer < 3; ++peer)
		{
			read_piece(f, 4);
		}
		EXPECT_EQ(bytes_read(f), std::uint64_t(piece_size)) << to_string(kind);
	}
}

TEST(seeded_pieces, rotating_disk_is_read_in_ascending_order_a_whole_piece_at_a_time)
{
	disk_fixture f(extents_of({one_mib}), {.profile = rotating(blocks_in_piece)});
	f.put_image();
	f.device().block(device_call::read);
	std::vector<test::reply<test::hash_reply>> hashes{f.hash(5)};
	f.submit();
	ASSERT_TRUE(f.device().wait_for_blocked(1));
	for (int const p : {14, 1, 10, 7})
	{
		hashes.push_back(f.hash(p));
	}
	f.submit();
	EXPECT_EQ(f.device().count(device_call::read), 1) << "one reader at a time";
	f.device().release_all();
	f.finish(hashes);
	EXPECT_EQ(read_offsets(f),
		(std::vector{device_place(5, 0), device_place(7, 0), device_place(10, 0), device_place(14, 0),
			device_place(1, 0)}));
	EXPECT_EQ(bytes_read(f), std::uint64_t(5 * piece_size));
}

TEST(seeded_pieces, pieces_that_are_asked_for_in_their_order_are_read_ahead_and_once)
{
	disk_fixture f(extents_of({one_mib}), {.profile = rotating(2 * blocks_in_piece)});
	f.put_image();
	for (int const p : {0, 1, 2})
	{
		f.finish(f.hash(p));
	}
	ASSERT_TRUE(f.run_until([&] { return f.device().count(device_call::read) == 5; })) << "3 and 4";
	for (int p = 3; p < f.pieces(); ++p)
	{
		EXPECT_EQ(f.finish(f.hash(p)).v1, f.info().hash_for_piece(lt::piece_index_t{p}));
		read_piece(f, p);
	}
	EXPECT_EQ(bytes_read(f), one_mib) << "each piece once";
	auto const offsets = read_offsets(f);
	EXPECT_TRUE(std::ranges::is_sorted(offsets));
	EXPECT_GE(f.stats().blocks_read_ahead, 2 * blocks_in_piece);
}

TEST(seeded_pieces, thirty_peers_take_no_more_than_the_budget)
{
	constexpr int peers = 30;
	constexpr int at_once = 3; // pieces that libtorrent has hashed for a peer at a time
	constexpr int budget = 128; // blocks
	disk_fixture f(extents_of({std::size_t(peers) * at_once * piece_size}),
		{.settings = {.memory = std::size_t(budget) * block_size}, .profile = rotating(512)});
	f.put_image();
	std::vector<test::reply<test::hash_reply>> hashes;
	for (int p = 0; p < f.pieces(); ++p)
	{
		hashes.push_back(f.hash(p));
	}
	int most = 0;
	ASSERT_TRUE(f.run_until([&] {
		most = std::max(most, f.blocks_in_use());
		return std::ranges::all_of(hashes, [](auto const& h) { return h->value.has_value(); });
	}));
	for (int p = 0; p < f.pieces(); ++p)
	{
		EXPECT_EQ(hashes[std::size_t(p)]->value->v1, f.info().hash_for_piece(lt::piece_index_t{p}));
		read_piece(f, p);
		most = std::max(most, f.blocks_in_use());
	}
	EXPECT_LE(most, budget);
	EXPECT_EQ(f.stats().blocks_beyond_budget, 0);
}

TEST(seeded_pieces, device_without_seeks_is_read_by_several_at_once_and_not_ahead)
{
	disk_fixture f(extents_of({one_mib}), {.profile = profile_for(device_kind::sata_ssd)});
	f.put_image();
	f.device().block(device_call::read);
	std::vector<test::reply<test::hash_reply>> const hashes{f.hash(0), f.hash(1), f.hash(2)};
	f.submit();
	EXPECT_TRUE(f.device().wait_for_blocked(2)); // as many as threads hash
	f.device().release_all();
	f.finish(hashes);
	EXPECT_EQ(bytes_read(f), std::uint64_t(3 * piece_size));
	EXPECT_EQ(f.stats().blocks_read_ahead, 0);
}

TEST(seeded_pieces, are_read_by_as_many_at_once_as_the_disk_has_readers)
{
	auto profile = rotating(512);
	profile.readers = 3;
	disk_fixture f(extents_of({one_mib}), {.profile = profile});
	f.put_image();
	f.device().block(device_call::read);
	std::vector<test::reply<test::hash_reply>> const hashes{f.hash(2), f.hash(7), f.hash(12)};
	f.submit();
	EXPECT_TRUE(f.device().wait_for_blocked(3));
	f.device().release_all();
	f.finish(hashes);
}

TEST(seeded_pieces, piece_that_is_in_memory_waits_for_no_read)
{
	disk_fixture f(extents_of({one_mib}), {.profile = rotating(512)});
	f.put_image();
	read_piece(f, 9);
	f.device().block(device_call::read);
	auto const reading = f.hash(3);
	f.submit();
	ASSERT_TRUE(f.device().wait_for_blocked(1));
	auto const hashed = f.hash(9);
	EXPECT_TRUE(f.run_until([&] { return hashed->value.has_value(); }));
	f.device().release_all();
	EXPECT_EQ(f.finish(hashed).v1, f.info().hash_for_piece(lt::piece_index_t{9}));
	f.finish(reading);
}

TEST(seeded_pieces, end_of_the_backend_answers_pieces_that_wait_for_the_disk)
{
	disk_fixture f(extents_of({one_mib}), {.profile = rotating(512)});
	f.put_image();
	f.device().block(device_call::read);
	for (int p = 0; p < f.pieces(); ++p)
	{
		f.hash(p);
	}
	f.submit();
	ASSERT_TRUE(f.device().wait_for_blocked(1));
	f.end(); // fails the test if a handler was not called once
}

TEST(seeded_pieces, block_that_could_not_be_loaded_is_read_once_more_by_who_hashes_it)
{
	disk_fixture f(extents_of({one_mib}), {.torrent = {.piece_size = block_size}, .profile = rotating(512)});
	f.put_image();
	f.device().fail(device_call::read, 1, EIO); // who hashes it tries again
	EXPECT_EQ(f.finish(f.hash(0)).v1, f.info().hash_for_piece(lt::piece_index_t{0}));
	EXPECT_EQ(f.target_errors(), 0);
}

TEST(seeded_pieces, block_that_is_written_after_its_piece_was_hashed_is_seen_by_peers)
{
	disk_fixture f(extents_of({one_mib}), {.profile = rotating(512)});
	EXPECT_NE(f.finish(f.hash(3)).v1, f.info().hash_for_piece(lt::piece_index_t{3}));
	auto const writes = f.write_piece(3);
	read_piece(f, 3);
	EXPECT_EQ(f.finish(f.hash(3)).v1, f.info().hash_for_piece(lt::piece_index_t{3}));
	f.finish(f.stop());
	f.finish(writes);
}

TEST(read_streak, pieces_are_read_ahead_only_where_they_are_asked_for_in_their_order)
{
	read_streak s;
	s.asked_for(10, 2);
	s.asked_for(12, 2); // a little mixed
	EXPECT_FALSE(s.take_ahead(2, 100)) << "two show no order";
	s.asked_for(11, 2);
	EXPECT_EQ(s.take_ahead(2, 100), 13);
	EXPECT_EQ(s.take_ahead(2, 100), 14);
	EXPECT_FALSE(s.take_ahead(2, 100)) << "further than the window";
	s.asked_for(13, 2);
	EXPECT_EQ(s.take_ahead(2, 100), 15);
	EXPECT_FALSE(s.take_ahead(2, 16)) << "the end";
	s.asked_for(50, 2);
	EXPECT_FALSE(s.take_ahead(2, 100)) << "elsewhere";
}

} // namespace
} // namespace rawswarm
