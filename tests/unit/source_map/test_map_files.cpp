// SPDX-License-Identifier: BSD-3-Clause
#include "agent/source_map/map_files.hpp"
#include "base/text.hpp"
#include "tests/support/base/value_of.hpp"

#include <gtest/gtest.h>
#include <libtorrent/hasher.hpp>

#include <string>
#include <vector>

namespace rawswarm
{

namespace
{

using areas = std::vector<source_area>;

constexpr char const* domain_log = "# Domain logfile created by partclone.ext4 v0.3.23\n"
								   "# current_pos  current_status\n"
								   "0x04000000     ?\n"
								   "#      pos        size  status\n"
								   "0x00000000  0x00448400  +\n"
								   "0x00448400  0x003B7C00  ?\n"
								   "0x00800000  0x00040800  +\n"
								   "0x00840800  0x00001000  ?\n";

constexpr char const* torrent_info = "block_size: 1024\n"
									 "blocks_total: 65536\n"
									 "offset: 00000000000000000000000000000000\n"
									 "length: 00000000000000000000000000100000\n"
									 "sha1: 1e1ad08a04f9730407c27309d40ef41f47489aeb\n"
									 "offset: 00000000000000000000000000100000\n"
									 "length: 00000000000000000000000000048400\n"
									 "offset: 00000000000000000000000001000400\n"
									 "length: 00000000000000000000000000000400\n"
									 "sha1: 0000000000000000000000000000000000000000\n";

std::string refusal(result<map_file> const& map)
{
	return map ? "none" : map.error().text;
}

TEST(map_files, a_domain_log_has_the_ranges_that_are_in_use_and_the_size)
{
	auto const map = test::value_of(parse_domain_log(domain_log, "map"));
	EXPECT_EQ(map.areas, (areas{{{{0}, 0x448400}}, {{{0x800000}, 0x40800}}}));
	EXPECT_EQ(map.size, 0x841800U);
}

TEST(map_files, a_domain_log_that_leaves_something_out_is_refused)
{
	std::string text = domain_log;
	text.replace(text.find("0x003B7C00"), 10, "0x003B7B00");
	EXPECT_EQ(refusal(parse_domain_log(text, "map")),
		"reading map: line 7 is not understood: \"0x00800000  0x00040800  +\"");
	EXPECT_EQ(refusal(parse_domain_log("", "map")), "reading map: it has no range in use");
	EXPECT_EQ(refusal(parse_domain_log("0 ?\n0 10 ?\n", "map")), "reading map: it has no range in use");
	EXPECT_EQ(refusal(parse_domain_log("0 ?\n0 ffffffffffffffff +\n", "map")),
		"reading map: line 2 is not understood: \"0 ffffffffffffffff +\"");
}

TEST(map_files, a_torrent_info_has_its_extents_and_the_size_of_the_file_system)
{
	auto const map = test::value_of(parse_torrent_info(torrent_info, "torrent.info"));
	EXPECT_EQ(map.areas, (areas{{{{0}, 0x148400}}, {{{0x1000400}, 0x400}}}));
	EXPECT_EQ(map.size, 64U * 1024 * 1024);
}

TEST(map_files, a_torrent_info_that_is_wrong_is_refused_with_the_line)
{
	std::string const text = torrent_info;
	EXPECT_EQ(refusal(parse_torrent_info(text + "offset: 00\nlength: 10\n", "t")),
		"reading t: line 12 is not understood: \"length: 10\"");
	EXPECT_EQ(refusal(parse_torrent_info(text + "colour: blue\n", "t")),
		"reading t: line 11 is not understood: \"colour: blue\"");
	EXPECT_EQ(refusal(parse_torrent_info(text + "offset: 4000000\nlength: 1\n", "t")),
		"reading t: a range ends at 67108865, behind the end of the device at 67108864");
	EXPECT_EQ(refusal(parse_torrent_info("offset: 0\nlength: 10\n", "t")),
		"reading t: no torrent.info of partclone: it does not say how large the device is");
}

// With its own checksum set right.
std::string bmap(std::string const& ranges, std::string const& version = "2.0")
{
	std::string const zeros(64, '0');
	auto text = "<?xml version=\"1.0\" ?>\n<!-- <MappedBlocksCount> blocks instead of <BlocksCount> "
				"-->\n<bmap version=\""
		+ version
		+ "\"><ImageSize> 8387000 </ImageSize>\n<BlockSize> 4096 </BlockSize>\n<BlocksCount> 2048 "
		  "</BlocksCount>\n"
		  "<MappedBlocksCount> 3 </MappedBlocksCount>\n<ChecksumType> sha256 "
		  "</ChecksumType>\n<BmapFileChecksum> "
		+ zeros + " </BmapFileChecksum>\n<BlockMap>" + ranges + "</BlockMap></bmap>\n";
	auto const sum = to_hex(lt::hasher256(lt::span<char const>(text)).final().to_string());
	return text.replace(text.find(zeros), zeros.size(), sum);
}

TEST(map_files, a_bmap_has_ranges_of_blocks_and_their_checksums)
{
	std::string const sum(64, 'a');
	auto const map = test::value_of(parse_bmap(
		bmap("<Range chksum=\"" + sum + "\"> 0-25 </Range><Range> 30 </Range><Range> 2047 </Range>"), "b"));
	EXPECT_EQ(map.size, 8387000U);
	EXPECT_EQ(map.areas,
		(areas{{{{0}, 26U * 4096}, area_content::all, sum}, {{{30U * 4096}, 4096}},
			{{{2047U * 4096}, 8387000U - 2047U * 4096}}}));
}

TEST(map_files, a_bmap_that_was_changed_is_refused)
{
	auto text = bmap("<Range> 0-25 </Range>");
	text.replace(text.find("0-25"), 4, "0-24");
	EXPECT_NE(refusal(parse_bmap(text, "b")).find("reading b: its checksum is "), std::string::npos);
}

TEST(map_files, a_bmap_that_writes_its_checksum_by_entities_is_refused)
{
	auto text = bmap("<Range> 0-25 </Range>");
	auto const at = text.find("<BmapFileChecksum> ") + 19;
	text.replace(at, 1, "&#" + std::to_string(int(text[at])) + ";");
	EXPECT_EQ(refusal(parse_bmap(text, "b")),
		"reading b: its own checksum is written in another way than any bmap's");
}

TEST(map_files, a_bmap_that_makes_no_sense_is_refused)
{
	EXPECT_EQ(refusal(parse_bmap(bmap("<Range> 25-0 </Range>"), "b")),
		"reading b: \"25-0\" is no range of blocks of the image");
	EXPECT_EQ(refusal(parse_bmap(bmap("<Range> 0-2048 </Range>"), "b")),
		"reading b: \"0-2048\" is no range of blocks of the image");
	EXPECT_EQ(refusal(parse_bmap(bmap("<Range> 3 </Range><Range> 3 </Range>"), "b")),
		"reading b: its ranges are not in order");
	EXPECT_EQ(refusal(parse_bmap(bmap(""), "b")), "reading b: it has no range in use");
	EXPECT_EQ(
		refusal(parse_bmap(bmap("<Range chksum=\"12\">0</Range>"), "b")), "reading b: \"12\" is no checksum");
	EXPECT_EQ(refusal(parse_bmap(bmap("<Range>0</Range>", "3.0"), "b")),
		"reading b: a bmap of version \"3.0\", of which nothing is known");
	EXPECT_EQ(refusal(parse_bmap("<html/>", "b")), "reading b: no bmap: there is no such element in it");
	EXPECT_NE(refusal(parse_bmap("block_size: 1024\n", "b")).find("reading b: line 1: "), std::string::npos);
	std::string deep;
	for (int i = 0; i < 1'000'000; ++i)
	{
		deep += "<a>";
	}
	EXPECT_EQ(
		refusal(parse_bmap(deep, "b")), "reading b: no bmap: its elements lie deeper than those of any");
}

} // namespace

} // namespace rawswarm
