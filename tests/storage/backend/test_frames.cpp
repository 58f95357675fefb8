// SPDX-License-Identifier: BSD-3-Clause
// The backend with blocks as frames: those that arrive, and those that peers take.
#include "storage/backend/buffer_pool.hpp"
#include "storage/backend/frame_flags.hpp"
#include "storage/device/block_frame.hpp"
#include "tests/support/base/random_bytes.hpp"
#include "tests/support/device/disk_fixture.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace rawswarm
{

namespace
{

using test::disk_fixture;
using test::random_bytes;

constexpr int piece_size = 64 * 1024;
constexpr int blocks_in_piece = piece_size / block_size;

std::string frame_of(std::string const& block)
{
	std::string frame;
	frame_writer(lowest_compression_level).append(frame, block);
	return frame;
}

std::string unpacked(std::string const& frame, std::size_t const length)
{
	std::string block(length, '\0');
	auto const done = frame_reader().unpack(frame, block);
	return done ? block : done.error().text;
}

// Text, of which no two blocks are the same.
std::string text_of_size(std::size_t const size)
{
	std::string text;
	while (text.size() < size)
	{
		text += "line " + std::to_string(text.size()) + " of a file\n";
	}
	text.resize(size);
	return text;
}

// By the number of threads that hash and unpack.
class frames : public ::testing::TestWithParam<int>
{
protected:
	static constexpr int pieces = 8;

	static test::disk_options options(int const threads, std::size_t const memory = 4 * 1024 * 1024)
	{
		test::disk_options o;
		o.settings.memory = memory;
		o.settings.hash_threads = threads;
		o.settings.io_threads = threads;
		return o;
	}

	static std::vector<test::torrent_file> text_files()
	{
		return {{.offset = 4096, .bytes = text_of_size(pieces * piece_size - 1000)}};
	}

	std::vector<test::reply<lt::storage_error>> write_frames(disk_fixture& f, int const piece)
	{
		std::vector<test::reply<lt::storage_error>> all;
		for (int b = 0; b < f.blocks(piece); ++b)
		{
			all.push_back(f.write_frame(piece, b, frame_of(f.block(piece, b))));
		}
		return all;
	}
};

INSTANTIATE_TEST_SUITE_P(threads, frames, ::testing::Values(0, 1, 2),
	[](auto const& p) { return "of_" + std::to_string(p.param); });

} // namespace

TEST_P(frames, that_arrive_are_the_blocks_that_they_hold)
{
	disk_fixture f(text_files(), options(GetParam()));
	for (int piece = 0; piece < pieces; ++piece)
	{
		auto const written = write_frames(f, piece);
		auto const hash = f.hash(piece); // at once, as libtorrent does: frames may wait
		f.finish(written);
		EXPECT_EQ(f.finish(hash).v1, f.info().hash_for_piece(lt::piece_index_t(piece)));
	}
	f.finish(f.release());
	EXPECT_TRUE(f.device_holds_image());
	EXPECT_EQ(f.stats().blocks_read_back, 0);
	EXPECT_TRUE(f.target().complete());
}

TEST_P(frames, that_arrived_are_passed_on_as_they_came)
{
	disk_fixture f(text_files(), options(GetParam()));
	f.finish(write_frames(f, 2));
	for (int b = 0; b < blocks_in_piece; ++b)
	{
		EXPECT_EQ(
			f.finish(f.read(2, b * block_size, block_size, takes_frame)).bytes, frame_of(f.block(2, b)));
		EXPECT_EQ(f.finish(f.read(2, b * block_size, block_size)).bytes, f.block(2, b))
			<< "for any other client";
	}
	EXPECT_EQ(f.stats().blocks_packed, 0);
}

// Those of a web seed, which libtorrent gets as a piece.
TEST_P(frames, that_came_beside_their_blocks_are_passed_on_as_they_came)
{
	disk_fixture f(text_files(), options(GetParam()));
	piece_frames came;
	for (int b = 0; b < blocks_in_piece; ++b)
	{
		std::string frame;
		frame_writer(highest_compression_level).append(frame, f.block(2, b));
		came.add(b == 1 ? std::string() : frame); // one did not shrink
	}
	f.context().beside().offer(f.info().info_hashes().v1, lt::piece_index_t(2), came, came.bytes());

	f.finish(f.write_piece(1));
	f.finish(f.write_piece(2));

	for (int b = 0; b < blocks_in_piece; ++b)
	{
		auto const sent = f.finish(f.read(2, b * block_size, block_size, takes_frame)).bytes;
		EXPECT_EQ(unpacked(sent, block_size), f.block(2, b));
		auto const frame = came.of_block(static_cast<std::size_t>(b));
		EXPECT_EQ(sent == std::string(frame.begin(), frame.end()), b != 1) << "block " << b;
	}
	EXPECT_EQ(f.stats().blocks_packed, 1);
	EXPECT_TRUE(f.context().beside().empty());
}

TEST_P(frames, are_made_at_the_level_that_is_set)
{
	disk_fixture f(text_files(), options(GetParam()));
	f.put_image();
	auto const made_at = [&](int const level, int const b) {
		std::string frame(block_size, 0);
		frame.resize(frame_writer(level).write(frame, f.block(0, b)));
		return frame;
	};
	EXPECT_EQ(f.finish(f.read(0, 0, block_size, takes_frame)).bytes, made_at(lowest_compression_level, 0));
	f.context().set_pack_level(12);
	EXPECT_EQ(f.finish(f.read(0, block_size, block_size, takes_frame)).bytes, made_at(12, 1));
	EXPECT_NE(made_at(12, 1), made_at(lowest_compression_level, 1));
}

TEST_P(frames, of_blocks_that_are_there_are_made_once_for_all_peers)
{
	disk_fixture f(text_files(), options(GetParam()));
	f.put_image();
	for (int again = 0; again < 3; ++again)
	{
		auto const& read = f.finish(f.read(0, block_size, block_size, takes_frame));
		EXPECT_LT(read.bytes.size(), std::size_t(block_size) / 2);
		EXPECT_EQ(unpacked(read.bytes, block_size), f.block(0, 1));
	}
	EXPECT_EQ(f.stats().blocks_packed, 1);
}

TEST_P(frames, last_block_of_a_torrent_is_one_too)
{
	disk_fixture f(text_files(), options(GetParam()));
	f.put_image();
	auto const length = f.block_length(pieces - 1, blocks_in_piece - 1);
	auto const& read = f.finish(f.read(pieces - 1, (blocks_in_piece - 1) * block_size, length, takes_frame));
	EXPECT_LT(read.bytes.size(), std::size_t(length));
	EXPECT_EQ(
		unpacked(read.bytes, static_cast<std::size_t>(length)), f.block(pieces - 1, blocks_in_piece - 1));
}

TEST_P(frames, parts_of_blocks_go_as_they_are)
{
	disk_fixture f(text_files(), options(GetParam()));
	f.put_image();
	EXPECT_EQ(f.finish(f.read(0, 0, 1000, takes_frame)).bytes, f.block(0, 0).substr(0, 1000));
	EXPECT_EQ(f.finish(f.read(0, 1000, block_size, takes_frame)).bytes, f.piece(0).substr(1000, block_size));
}

TEST_P(frames, what_does_not_shrink_goes_as_it_is_and_is_soon_not_tried)
{
	disk_fixture f({{.offset = 512, .bytes = random_bytes(1, 64 * piece_size)}}, options(GetParam()));
	f.put_image();
	for (int piece = 0; piece < 64; ++piece)
	{
		for (int b = 0; b < blocks_in_piece; ++b)
		{
			EXPECT_EQ(
				f.finish(f.read(piece, b * block_size, block_size, takes_frame)).bytes, f.block(piece, b));
		}
	}
	EXPECT_LT(f.stats().blocks_packed, 50);
}

TEST_P(frames, one_that_is_damaged_spoils_its_piece_and_no_more)
{
	disk_fixture f(text_files(), options(GetParam()));
	auto frame = frame_of(f.block(1, 0));
	frame[frame.size() / 2] ^= 1;
	auto spoilt = std::vector{f.write_frame(1, 0, frame)};
	for (int b = 1; b < blocks_in_piece; ++b)
	{
		spoilt.push_back(f.write_frame(1, b, frame_of(f.block(1, b))));
	}
	EXPECT_NE(f.finish(f.hash(1)).v1, f.info().hash_for_piece(lt::piece_index_t(1)));
	f.finish(spoilt);
	f.finish(f.clear(1));
	auto const written = write_frames(f, 1);
	auto const hash = f.hash(1);
	f.finish(written);
	EXPECT_EQ(f.finish(hash).v1, f.info().hash_for_piece(lt::piece_index_t(1)));
	EXPECT_EQ(f.finish(f.read(1, 0, block_size, takes_frame)).bytes, frame_of(f.block(1, 0)));
}

TEST_P(frames, one_of_another_block_is_that_block_and_not_passed_on_after_the_right_one_came)
{
	disk_fixture f(text_files(), options(GetParam()));
	f.finish(f.write_frame(1, 0, frame_of(f.block(1, 1))));
	EXPECT_EQ(f.finish(f.read(1, 0, block_size)).bytes, f.block(1, 1));
	f.finish(f.write_block(1, 0));
	EXPECT_EQ(unpacked(f.finish(f.read(1, 0, block_size, takes_frame)).bytes, block_size), f.block(1, 0));
}

// A receive buffer may hold hundreds of frames of zeros, which are a megabyte of blocks.
TEST_P(frames, take_no_memory_beyond_the_budget_until_there_is_room_to_unpack_them)
{
	constexpr int many = 64;
	disk_fixture f({{.offset = 512, .bytes = std::string(many * piece_size, '\0')}},
		options(GetParam(), buffer_pool::min_blocks * block_size));
	if (GetParam() > 0)
	{
		f.device().block(test::device_call::write);
	}
	std::vector<test::reply<lt::storage_error>> written;
	auto const frame = frame_of(std::string(block_size, '\0'));
	for (int piece = 0; piece < many; ++piece)
	{
		for (int b = 0; b < blocks_in_piece; ++b)
		{
			written.push_back(f.write_frame(piece, b, frame));
		}
	}
	// without threads a write holds up the test's own
	EXPECT_TRUE(f.run_until([&] { return f.device().count(test::device_call::write) > 0; }));
	EXPECT_LE(f.stats().blocks_beyond_budget, 1) << "one block holds all of the frames";
	f.device().release_all();
	f.finish(written);
	f.finish(f.release());
	EXPECT_EQ(f.target().written(), many * piece_size);
}

TEST_P(frames, that_wait_are_written_before_the_torrent_stops)
{
	disk_fixture f(text_files(), options(GetParam()));
	std::vector<test::reply<lt::storage_error>> written;
	for (int piece = 0; piece < pieces; ++piece)
	{
		for (auto const& w : write_frames(f, piece))
		{
			written.push_back(w);
		}
	}
	f.finish(f.stop());
	f.finish(written);
	EXPECT_TRUE(f.device_holds_image());
}

// The fixture's end aborts the backend, and checks that every call was answered.
TEST_P(frames, that_wait_at_the_end_of_the_backend_are_answered)
{
	disk_fixture f(text_files(), options(GetParam()));
	for (int piece = 0; piece < pieces; ++piece)
	{
		write_frames(f, piece);
	}
	f.submit();
}

} // namespace rawswarm
