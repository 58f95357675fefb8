// SPDX-License-Identifier: BSD-3-Clause
#include "storage/device/frame_run.hpp"
#include "storage/device/units.hpp"
#include "tests/support/base/random_seed.hpp"
#include "tests/support/base/text_of.hpp"
#include "tests/support/device/compressed_payload.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace rawswarm
{

namespace
{

using test::compressed_payload;
using test::text_of;

// "0: 3 at 0+60 for 0+49152": three blocks from block 0 on, bytes 0 to 60 of the file, of which the first
// 49152 bytes of the payload are wanted.
std::string text(std::vector<frame_run> const& runs)
{
	std::string all;
	for (auto const& r : runs)
	{
		all += fmt::format("{}{}: {} at {}+{} for {}+{}", all.empty() ? "" : ", ", r.first_block, r.blocks,
			r.offset, r.length, r.wanted.begin, r.wanted.length);
	}
	return all;
}

// Frames of 20, 21, 22 and so on, and a last block of 100 bytes.
seek_table table_of(std::uint32_t const frames)
{
	seek_table table;
	for (std::uint32_t i = 0; i < frames; ++i)
	{
		table.add(20 + i, i + 1 == frames ? 100 : std::uint32_t(block_size));
	}
	return table;
}

// What the runs of the range unpack to, or why they do not.
std::string unpacked(
	compressed_payload const& from, payload_range const range, std::uint64_t const most_bytes)
{
	frame_reader reader;
	std::string out(range.length, '?');
	for (auto const& run : frame_runs(from.table, range, most_bytes))
	{
		auto const to = std::span(out).subspan(run.wanted.begin - range.begin, run.wanted.length);
		auto const done =
			unpack_run(reader, from.table, run, std::span(from.frames).subspan(run.offset, run.length), to);
		if (!done)
		{
			return text_of(done, fault::refused);
		}
	}
	return out;
}

} // namespace

TEST(frame_runs, have_the_frames_of_a_range_as_one_read)
{
	EXPECT_EQ(text(frame_runs(table_of(5), {0, 3 * block_size})), "0: 3 at 0+63 for 0+49152");
	EXPECT_EQ(text(frame_runs(table_of(5), {2 * block_size, block_size})), "2: 1 at 41+22 for 32768+16384");
	EXPECT_EQ(text(frame_runs(table_of(5), {4 * block_size, 100})), "4: 1 at 86+24 for 65536+100");
}

TEST(frame_runs, have_whole_frames_for_parts_of_blocks)
{
	EXPECT_EQ(text(frame_runs(table_of(5), {16383, 2})), "0: 2 at 0+41 for 16383+2");
	EXPECT_EQ(text(frame_runs(table_of(5), {16384 + 10, 20})), "1: 1 at 20+21 for 16394+20");
}

TEST(frame_runs, are_no_longer_than_they_may_be_but_one_frame_at_least)
{
	EXPECT_EQ(text(frame_runs(table_of(5), {0, 5 * block_size - block_size + 100}, 42)),
		"0: 2 at 0+41 for 0+32768, 2: 1 at 41+22 for 32768+16384, 3: 1 at 63+23 for 49152+16384, "
		"4: 1 at 86+24 for 65536+100");
	EXPECT_EQ(text(frame_runs(table_of(2), {0, 2 * block_size - block_size + 100}, 1)),
		"0: 1 at 0+20 for 0+16384, 1: 1 at 20+21 for 16384+100");
}

TEST(frame_runs, of_nothing_are_none)
{
	EXPECT_TRUE(frame_runs(table_of(2), {100, 0}).empty());
}

TEST(frame_runs, unpack_to_what_any_range_of_the_payload_holds)
{
	compressed_payload const image(40 * std::size_t(block_size) + 1234);
	auto const seed = test::random_seed();
	std::mt19937 random(seed);
	for (int i = 0; i < 200; ++i)
	{
		auto const begin = random() % image.payload.size();
		auto const length = random() % (image.payload.size() - begin) + 1;
		auto const most = 1 + random() % 100'000;
		ASSERT_TRUE(unpacked(image, {begin, length}, most) == image.payload.substr(begin, length))
			<< "seed " << seed << ": " << begin << "+" << length << ", runs of " << most;
	}
}

TEST(frame_runs, name_the_place_of_a_damaged_frame)
{
	compressed_payload image(4 * std::size_t(block_size));
	auto const place = image.table.place(1);
	image.frames[place.offset + place.length / 2] ^= 1; // it holds random bytes, so any change shows
	auto const why = unpacked(image, {0, 4 * block_size}, max_run_bytes);
	EXPECT_TRUE(why.starts_with(fmt::format("at {:#x}: the frame is damaged", place.offset))) << why;
	EXPECT_EQ(unpacked(image, {2 * block_size, block_size}, max_run_bytes), std::string(block_size, 'r'));
}

TEST(frame_runs, with_borders_where_no_frame_ends_are_refused)
{
	compressed_payload image(2 * std::size_t(block_size));
	seek_table shifted;
	shifted.add(image.table.place(0).length - 1, std::uint32_t(block_size));
	shifted.add(image.table.place(1).length + 1, std::uint32_t(block_size));
	image.table = shifted;
	auto const why = unpacked(image, {0, 2 * block_size}, max_run_bytes);
	EXPECT_TRUE(why.starts_with("at 0x0: the frame is damaged")) << why;
}

} // namespace rawswarm
