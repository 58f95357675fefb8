// SPDX-License-Identifier: BSD-3-Clause
#include "agent/bittorrent/torrent_hints.hpp"
#include "agent/create/torrent_writer.hpp"
#include "tests/support/base/value_of.hpp"

#include <gtest/gtest.h>
#include <libtorrent/bencode.hpp>
#include <libtorrent/torrent_info.hpp>

#include <iterator>
#include <string>
#include <vector>

namespace rawswarm
{
namespace
{

constexpr int piece_size = 16 * 1024;

// One extent of 100 bytes at 0x1000, with this value for info.rawswarm.
lt::torrent_info torrent_with(lt::entry const& hints)
{
	lt::entry torrent;
	auto& info = torrent["info"];
	lt::entry file;
	file["length"] = 100;
	file["path"].list().emplace_back("0x1000");
	info["files"].list().push_back(file);
	info["name"] = "disk";
	info["piece length"] = piece_size;
	info["pieces"] = std::string(20, 'x');
	if (hints.type() != lt::entry::undefined_t)
	{
		info[hints_key] = hints;
	}
	std::string bytes;
	lt::bencode(std::back_inserter(bytes), torrent);
	return lt::torrent_info(bytes, lt::from_span);
}

result<torrent_hints> read_back(lt::entry const& hints)
{
	auto const torrent = torrent_with(hints);
	return read_hints(torrent, extent_map::build(torrent.files()).value());
}

lt::entry dictionary(lt::entry::dictionary_type values)
{
	return {std::move(values)};
}

void expect_refused(lt::entry const& hints, std::string const& place)
{
	auto const read = read_back(hints);
	ASSERT_FALSE(read);
	EXPECT_EQ(read.error().kind, fault::refused);
	EXPECT_NE(read.error().text.find(place + ": "), std::string::npos) << read.error().text;
}

TEST(torrent_hints, a_torrent_of_another_program_has_none)
{
	auto const read = read_back(lt::entry());
	ASSERT_TRUE(read);
	EXPECT_FALSE(read.value().source_size);
	EXPECT_TRUE(read.value().zero_ranges.empty());
}

TEST(torrent_hints, hints_are_read_as_they_were_written)
{
	constexpr auto size = std::uint64_t(1) << 40;
	std::vector<byte_range> const some{{{0}, 1}, {{4096}, 512}, {{size - 1}, 1}};
	for (auto const& ranges : {std::vector<byte_range>(), {{{0}, size}}, some})
	{
		auto const read = read_back(write_hints({size, ranges}));
		ASSERT_TRUE(read) << read.error().text;
		EXPECT_EQ(read.value().source_size, size);
		EXPECT_EQ(read.value().zero_ranges, ranges);
	}
}

TEST(torrent_hints, what_a_smaller_disk_needs_is_read_as_it_was_written)
{
	torrent_hints hints{5000};
	hints.smallest = 4500;
	hints.ends = gpt_ends{1, 2, 3, std::uint64_t(1) << 40};
	auto const read = read_back(write_hints(hints));
	ASSERT_TRUE(read) << read.error().text;
	EXPECT_EQ(read.value().smallest, hints.smallest);
	EXPECT_EQ(read.value().ends, hints.ends);
	EXPECT_FALSE(test::value_of(read_back(write_hints({5000}))).smallest);
}

TEST(torrent_hints, impossible_sizes_of_a_smaller_disk_are_refused)
{
	for (auto const& value : std::vector<lt::entry>{0, -1, 5001, "4000", lt::entry::list_type{4000}})
	{
		expect_refused(dictionary({{"size", 5000}, {"smallest", value}}), "info.rawswarm.smallest");
	}
	expect_refused(dictionary({{"smallest", 4000}}), "info.rawswarm.smallest");
	for (auto const& value : std::vector<lt::entry>{1, "1234", lt::entry::list_type{1, 2, 3},
			 lt::entry::list_type{1, 2, 3, -4}, lt::entry::list_type{1, 2, 3, "4"}})
	{
		expect_refused(dictionary({{"size", 5000}, {"gpt_ends", value}}), "info.rawswarm.gpt_ends");
	}
}

TEST(torrent_hints, keys_that_are_not_known_are_skipped)
{
	auto const read = read_back(dictionary({{"size", 5000}, {"colour", "blue"}}));
	ASSERT_TRUE(read) << read.error().text;
	EXPECT_EQ(read.value().source_size, 5000U);
}

TEST(torrent_hints, wrong_types_are_refused)
{
	expect_refused("zero", "info.rawswarm");
	expect_refused(7, "info.rawswarm");
	expect_refused(dictionary({{"size", "5000"}}), "info.rawswarm.size");
	expect_refused(dictionary({{"size", lt::entry::list_type{5000}}}), "info.rawswarm.size");
	expect_refused(dictionary({{"size", 5000}, {"gaps", 1}}), "info.rawswarm.gaps");
}

TEST(torrent_hints, impossible_values_are_refused)
{
	expect_refused(dictionary({{"size", 0}}), "info.rawswarm.size");
	expect_refused(dictionary({{"size", -1}}), "info.rawswarm.size");
	expect_refused(dictionary({{"size", 5000}, {"gaps", "keep"}}), "info.rawswarm.gaps");
	expect_refused(dictionary({{"gaps", "zero"}}), "info.rawswarm.gaps");
	for (auto const& ranges : std::vector<lt::entry::list_type>{
			 {0}, {0, 0}, {-1, 5}, {0, 5001}, {5001, 1}, {10, 10, 19, 1}, {"a", 1}, {0, "zero"}})
	{
		expect_refused(dictionary({{"size", 5000}, {"gaps", ranges}}), "info.rawswarm.gaps");
	}
}

TEST(torrent_hints, a_size_before_the_end_of_the_extents_is_refused)
{
	EXPECT_TRUE(read_back(dictionary({{"size", 0x1000 + 100}})));
	expect_refused(dictionary({{"size", 0x1000 + 99}}), "info.rawswarm.size");
}

TEST(torrent_writer, writes_the_same_bytes_for_the_same_content_and_one_tier_per_tracker)
{
	std::vector<source_extent> const extents{{{0}, 10, {}}, {{0x20}, 6, "20"}};
	std::vector<lt::sha1_hash> const hashes(1);
	torrent_content const content{"disk", extents, hashes, piece_size, {64, {{{0}, 64}}},
		{test::value_of(tracker_url::parse("http://a/announce")),
			test::value_of(tracker_url::parse("udp://b:1"))}};
	auto const torrent = encode_torrent(content);
	std::string const info = "d5:filesl"
							 "d6:lengthi10e4:pathl34:0x00000000000000000000000000000000ee"
							 "d6:lengthi6e4:pathl2:20ee"
							 "e4:name4:disk12:piece lengthi16384e6:pieces20:"
		+ std::string(20, '\0') + "8:rawswarmd4:gaps4:zero4:sizei64eee";
	EXPECT_EQ(torrent.bytes,
		"d8:announce17:http://a/announce13:announce-list"
		"ll17:http://a/announceel9:udp://b:1ee10:created by8:rawswarm4:info"
			+ info + "e");
	lt::torrent_info const loaded(torrent.bytes, lt::from_span);
	EXPECT_EQ(loaded.info_hashes().v1, torrent.info_hash);
}

TEST(torrent_writer, without_trackers_and_hints_there_are_no_keys_for_them)
{
	std::vector<source_extent> const extents{{{0}, 10, {}}};
	std::vector<lt::sha1_hash> const hashes(1);
	auto const bytes = encode_torrent({"disk", extents, hashes, piece_size, {}, {}}).bytes;
	EXPECT_EQ(bytes.find("announce"), std::string::npos);
	EXPECT_EQ(bytes.find("8:rawswarmd"), std::string::npos);
}

} // namespace
} // namespace rawswarm
