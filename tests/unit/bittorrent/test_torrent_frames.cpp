// SPDX-License-Identifier: BSD-3-Clause
#include "agent/bittorrent/torrent_frames.hpp"
#include "tests/unit/bittorrent/torrent_with.hpp"

#include <gtest/gtest.h>
#include <libtorrent/entry.hpp>

#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace rawswarm
{

namespace
{

using test::torrent_with;

std::string refusal(lt::entry frames, int const pieces)
{
	auto const read = read_frame_lengths(torrent_with(frames_key, std::move(frames)), pieces);
	return read ? "taken" : read.error().text;
}

} // namespace

TEST(torrent_frames, lengths_are_read_as_they_were_written)
{
	std::vector<std::uint32_t> const lengths{1, 0x04030201, std::numeric_limits<std::uint32_t>::max()};
	auto const written = write_frame_lengths(lengths);
	EXPECT_EQ(written["lengths"].string().substr(4, 4), "\x01\x02\x03\x04") << "little-endian";
	auto const read = read_frame_lengths(torrent_with(frames_key, written), 3);
	ASSERT_TRUE(read) << read.error().text;
	EXPECT_EQ(read.value(), lengths);
}

TEST(torrent_frames, torrent_may_have_none)
{
	auto const read = read_frame_lengths("d4:infod4:name5:imageee", 3);
	ASSERT_TRUE(read) << read.error().text;
	EXPECT_TRUE(read.value().empty());
	EXPECT_EQ(refusal(lt::entry(lt::entry::dictionary_t), 3), "taken");
}

TEST(torrent_frames, of_another_number_of_pieces_or_of_another_type_are_refused)
{
	auto const frames = write_frame_lengths({1, 2, 3});
	EXPECT_EQ(refusal(frames, 3), "taken");
	EXPECT_EQ(
		refusal(frames, 4), "reading the torrent: rawswarm frames.lengths: not one for each of its 4 pieces");
	lt::entry number(lt::entry::dictionary_t);
	number["lengths"] = 12;
	EXPECT_EQ(
		refusal(number, 3), "reading the torrent: rawswarm frames.lengths: not one for each of its 3 pieces");
	EXPECT_EQ(refusal(12, 3), "reading the torrent: rawswarm frames: not a dictionary");
}

} // namespace rawswarm
