// SPDX-License-Identifier: BSD-3-Clause
#include "agent/bittorrent/torrent_seals.hpp"
#include "tests/unit/bittorrent/torrent_with.hpp"

#include <gtest/gtest.h>
#include <libtorrent/bencode.hpp>
#include <libtorrent/entry.hpp>

#include <iterator>
#include <string>
#include <utility>

namespace rawswarm
{

namespace
{

using test::torrent_with;

bool is_refused(lt::entry seals, int const pieces)
{
	auto const read = read_seals(torrent_with(seals_key, std::move(seals)), pieces);
	return !read && read.error().kind == fault::refused;
}

} // namespace

TEST(torrent_seals, are_read_as_they_were_written)
{
	piece_seals const seals{{1, ~piece_seal(0), 0x0123456789abcdef}, {4, 5, 6}};
	auto const read = read_seals(torrent_with(seals_key, write_seals(seals)), 3);
	ASSERT_TRUE(read) << read.error().text;
	EXPECT_EQ(read.value().raw, seals.raw);
	EXPECT_EQ(read.value().frames, seals.frames);
}

TEST(torrent_seals, are_little_endian)
{
	auto const bytes = write_seals({{0x0807060504030201}, {}})["raw"].string();
	EXPECT_EQ(bytes, "\x01\x02\x03\x04\x05\x06\x07\x08");
}

TEST(torrent_seals, torrent_without_them_has_none)
{
	lt::entry torrent(lt::entry::dictionary_t);
	torrent["info"]["name"] = "image";
	std::string bytes;
	lt::bencode(std::back_inserter(bytes), torrent);
	auto const read = read_seals(bytes, 3);
	ASSERT_TRUE(read);
	EXPECT_TRUE(read.value().raw.empty());
	EXPECT_TRUE(read.value().frames.empty());
}

TEST(torrent_seals, what_is_no_dictionary_is_refused_and_named)
{
	for (auto const& seals : {lt::entry("seals"), lt::entry(24), lt::entry(lt::entry::list_t)})
	{
		auto const read = read_seals(torrent_with(seals_key, seals), 3);
		ASSERT_FALSE(read) << seals.to_string();
		EXPECT_EQ(read.error().kind, fault::refused);
		EXPECT_EQ(read.error().text, "reading the torrent: rawswarm seals: not a dictionary");
	}
}

TEST(torrent_seals, list_that_is_too_short_too_long_or_no_text_is_refused)
{
	for (auto const* const key : {"raw", "frames"})
	{
		lt::entry seals(lt::entry::dictionary_t);
		seals[key] = std::string(24, 'x');
		EXPECT_FALSE(is_refused(seals, 3)) << key;
		EXPECT_TRUE(is_refused(seals, 2)) << key;
		EXPECT_TRUE(is_refused(seals, 4)) << key;
		seals[key] = 24;
		EXPECT_TRUE(is_refused(seals, 3)) << key;
	}
}

} // namespace rawswarm
