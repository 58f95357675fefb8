// SPDX-License-Identifier: BSD-3-Clause
#include "storage/device/extent_map.hpp"

#include <gtest/gtest.h>
#include <libtorrent/file_storage.hpp>

#include <algorithm>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

namespace rawswarm
{

namespace
{

constexpr int piece_length = 32 * 1024;

struct file
{
	std::string name;
	std::int64_t length = 0;
	lt::file_flags_t flags = {};
};

file pad(std::int64_t length)
{
	return {".pad/" + std::to_string(length), length, lt::file_storage::flag_pad_file};
}

lt::file_storage make_files(std::vector<file> const& list)
{
	lt::file_storage files;
	files.set_piece_length(piece_length);
	for (auto const& entry : list)
	{
		bool const link = bool(entry.flags & lt::file_storage::flag_symlink);
		files.add_file("image/" + entry.name, entry.length, entry.flags, 0, link ? "image/0" : "");
	}
	files.set_num_pieces(static_cast<int>((files.total_size() + piece_length - 1) / piece_length));
	return files;
}

result<extent_map> build(std::vector<file> const& list)
{
	return extent_map::build(make_files(list));
}

extent_map accepted(std::vector<file> const& list)
{
	auto map = build(list);
	if (!map)
	{
		throw std::runtime_error(map.error().text);
	}
	return std::move(map).value();
}

std::string refusal(std::vector<file> const& list)
{
	auto const map = build(list);
	if (map)
	{
		return "accepted";
	}
	EXPECT_EQ(map.error().kind, fault::refused);
	return map.error().text;
}

// "0x1000+512 zeros+16"
std::string text_of(segments const& parts)
{
	std::string text;
	for (auto const& part : parts)
	{
		text += text.empty() ? "" : " ";
		text += part.offset ? fmt::format("{:#x}", part.offset->bytes) : "zeros";
		text += fmt::format("+{}", part.length);
	}
	return text;
}

std::string mapped(extent_map const& map, int piece, int offset, int length)
{
	return text_of(map.map(lt::piece_index_t{piece}, offset, length));
}

} // namespace

TEST(extent_map, a_name_is_a_hexadecimal_offset_with_or_without_prefix_and_zeros)
{
	EXPECT_EQ(parse_offset("0x0001f000"), device_offset{0x1f000});
	EXPECT_EQ(parse_offset("0X1f000"), device_offset{0x1f000});
	EXPECT_EQ(parse_offset("1F000"), device_offset{0x1f000});
	EXPECT_EQ(parse_offset("0000000000020000"), device_offset{0x20000});
	EXPECT_EQ(parse_offset(std::string(100, '0') + "a"), device_offset{10});
	EXPECT_EQ(parse_offset("0"), device_offset{0});
	EXPECT_EQ(parse_offset("7fffffffffffffff"), device_offset{0x7fffffffffffffff});
}

TEST(extent_map, other_names_are_no_offsets)
{
	using namespace std::string_literals;
	for (auto const& name : {""s, "0x"s, "x10"s, "0x0x10"s, "-1"s, "+1"s, " 1"s, "1 "s, "1f000.img"s,
			 "readme.txt"s, "1\0"s, "0x-1"s, "torrent.info"s})
	{
		EXPECT_FALSE(parse_offset(name)) << name;
	}
}

TEST(extent_map, an_offset_past_the_signed_range_is_refused)
{
	EXPECT_FALSE(parse_offset("8000000000000000"));
	EXPECT_FALSE(parse_offset("ffffffffffffffff"));
	EXPECT_FALSE(parse_offset("10000000000000000"));
}

TEST(extent_map, a_request_inside_an_extent_is_one_segment)
{
	auto const map = accepted({{"0x100000", 4 * piece_length}});
	EXPECT_EQ(mapped(map, 0, 0, block_size), "0x100000+16384");
	EXPECT_EQ(mapped(map, 1, block_size, block_size), "0x10c000+16384");
	EXPECT_EQ(mapped(map, 3, piece_length - 1, 1), "0x11ffff+1");
}

TEST(extent_map, a_request_across_extents_is_split_in_the_order_of_the_torrent)
{
	auto const map = accepted({{"9000", 100}, {"1000", 50}, {"deep/below/50000", piece_length}});
	EXPECT_EQ(mapped(map, 0, 0, 200), "0x9000+100 0x1000+50 0x50000+50");
	EXPECT_EQ(mapped(map, 0, 99, 2), "0x9063+1 0x1000+1");
	EXPECT_EQ(mapped(map, 0, 100, 50), "0x1000+50");
	EXPECT_EQ(mapped(map, 1, 0, 150), fmt::format("{:#x}+150", 0x50000 + piece_length - 150));
}

TEST(extent_map, adjacent_extents_stay_apart)
{
	auto const map = accepted({{"0", 100}, {"64", 100}});
	EXPECT_EQ(mapped(map, 0, 0, 200), "0x0+100 0x64+100");
}

TEST(extent_map, pad_files_are_zeros_without_a_place)
{
	auto const map = accepted({{"0", 100}, pad(piece_length - 100), {"100000", 10}});
	EXPECT_EQ(mapped(map, 0, 50, 100), "0x32+50 zeros+50");
	EXPECT_EQ(mapped(map, 0, 200, 100), "zeros+100");
	EXPECT_EQ(mapped(map, 1, 0, 10), "0x100000+10");
	EXPECT_EQ(map.total(), 110u);
	EXPECT_EQ(map.extents().size(), 2u);
	EXPECT_EQ(map.end(), device_offset{0x10000a});
}

TEST(extent_map, every_range_maps_to_the_same_bytes_as_a_table_of_all_bytes)
{
	std::mt19937 random(7);
	std::vector<file> list;
	std::vector<std::int64_t> table; // place of each byte, -1: zeros
	for (int index = 0; index < 40; ++index)
	{
		int const length = static_cast<int>(random() % 5000);
		bool const is_pad = index % 5 == 4;
		std::int64_t const place = (40 - index) * 0x10000;
		list.push_back(is_pad ? pad(length) : file{fmt::format("{:x}", place), length});
		for (int byte = 0; byte < length; ++byte)
		{
			table.push_back(is_pad ? -1 : place + byte);
		}
	}
	auto const map = accepted(list);
	for (int round = 0; round < 300; ++round)
	{
		auto const begin = random() % table.size();
		auto const length = std::min(table.size() - begin, 1 + random() % 20000);
		auto at = begin;
		for (auto const& part : map.map(lt::piece_index_t{static_cast<int>(begin / piece_length)},
				 static_cast<int>(begin % piece_length), static_cast<int>(length)))
		{
			ASSERT_GT(part.length, 0);
			for (int byte = 0; byte < part.length; ++byte)
			{
				auto const place = part.offset ? static_cast<std::int64_t>(part.offset->bytes) + byte : -1;
				ASSERT_LT(at, table.size());
				ASSERT_EQ(place, table[at++]);
			}
		}
		ASSERT_EQ(at, begin + length);
	}
}

TEST(extent_map, extents_come_in_the_order_of_the_device_with_their_files)
{
	auto const map = accepted({{"9000", 100}, pad(28), {"1000", 50}});
	ASSERT_EQ(map.extents().size(), 2u);
	auto const& first = map.extents()[0];
	EXPECT_EQ(first.offset, device_offset{0x1000});
	EXPECT_EQ(first.length, 50u);
	EXPECT_EQ(first.torrent_offset, 128u);
	EXPECT_EQ(first.file, lt::file_index_t{2});
	EXPECT_EQ(map.extents()[1].file, lt::file_index_t{0});
	EXPECT_EQ(map.end(), device_offset{0x9064});
}

TEST(extent_map, a_torrent_of_one_file_is_named_by_that_file)
{
	lt::file_storage files;
	files.set_piece_length(piece_length);
	files.add_file("0x200000", piece_length);
	auto const map = extent_map::build(files).value();
	EXPECT_EQ(mapped(map, 0, 0, 10), "0x200000+10");
}

TEST(extent_map, the_name_of_a_lone_file_is_an_offset_only_with_its_prefix)
{
	for (std::string const name : {"20240131", "0", "deadbeef"})
	{
		lt::file_storage lone;
		lone.set_piece_length(piece_length);
		lone.add_file(name, piece_length);
		auto const map = extent_map::build(lone);
		ASSERT_FALSE(map) << name;
		EXPECT_EQ(map.error().kind, fault::refused);
		EXPECT_TRUE(map.error().text.starts_with("reading the torrent: file \"" + name + "\" is all of it"))
			<< map.error().text;
		EXPECT_EQ(accepted({{name, 10}}).extents().size(), 1U);
	}
}

TEST(extent_map, files_of_no_length_are_left_out)
{
	auto const map = accepted({{"0", 100}, {"32", 0}, {"100", 100}});
	EXPECT_EQ(map.extents().size(), 2u);
	EXPECT_EQ(mapped(map, 0, 0, 200), "0x0+100 0x100+100");
}

TEST(extent_map, a_torrent_of_pad_files_alone_has_no_end)
{
	auto const map = accepted({pad(100)});
	EXPECT_EQ(map.end(), device_offset{0});
	EXPECT_EQ(mapped(map, 0, 0, 100), "zeros+100");
}

TEST(extent_map, a_name_that_is_no_offset_is_refused)
{
	EXPECT_EQ(refusal({{"0", 10}, {"docs/readme.txt", 10}}),
		"reading the torrent: file \"readme.txt\" is no byte offset in hexadecimal");
	EXPECT_EQ(refusal({{"0", 10}, {"readme.txt", 0}}),
		"reading the torrent: file \"readme.txt\" is no byte offset in hexadecimal");
	EXPECT_EQ(refusal({{"8000000000000000", 10}}),
		"reading the torrent: file \"8000000000000000\" is an offset past the end of any device");
}

TEST(extent_map, names_from_the_network_are_made_printable_in_messages)
{
	EXPECT_EQ(refusal({{"a\x1b[2J\n\"\\\xe2\x80\xae", 10}}),
		"reading the torrent: file \"a?[2J?\"\\?\" is no byte offset in hexadecimal");
	EXPECT_LT(refusal({{std::string(3000, 'z'), 10}}).size(), 400u);
}

TEST(extent_map, overlapping_extents_are_refused_with_both_offsets)
{
	EXPECT_EQ(refusal({{"2000", 0x1000}, {"0x1000", 0x2000}}),
		"reading the torrent: extents 0x1000 (length 0x2000) and 0x2000 overlap");
	EXPECT_EQ(refusal({{"2000", 16}, {"other/02000", 16}}),
		"reading the torrent: extents 0x2000 (length 0x10) and 0x2000 overlap");
	EXPECT_EQ(refusal({{"0", 0x1001}, {"1000", 1}}),
		"reading the torrent: extents 0x0 (length 0x1001) and 0x1000 overlap");
	EXPECT_EQ(refusal({{"0", 0x1000}, {"1000", 1}}), "accepted");
}

TEST(extent_map, an_extent_that_ends_past_the_signed_range_is_refused)
{
	EXPECT_EQ(refusal({{"7fffffffffffffff", 1}}),
		"reading the torrent: file \"7fffffffffffffff\" ends past the end of any device");
	EXPECT_EQ(refusal({{"7ffffffffffffffe", 1}}), "accepted");
}

TEST(extent_map, parts_of_ranges_without_extents_are_found)
{
	auto const map = accepted({{"1000", 0x100}, {"1100", 0x100}, {"3000", 0x1000}});
	std::vector<byte_range> const ranges{
		{{0}, 0x800}, {{0x1080}, 0x1000}, {{0x2800}, 0xc00}, {{0x3800}, 0x1000}, {{0x6000}, 1}};
	std::vector<byte_range> const gaps{
		{{0}, 0x800}, {{0x1200}, 0xe80}, {{0x2800}, 0x800}, {{0x4000}, 0x800}, {{0x6000}, 1}};
	EXPECT_EQ(map.without_extents(ranges), gaps);
	EXPECT_TRUE(map.without_extents({}).empty());
	EXPECT_TRUE(map.without_extents(std::vector<byte_range>{{{0x1001}, 0x1fe}}).empty());
}

TEST(extent_map, a_symbolic_link_is_refused)
{
	EXPECT_EQ(refusal({{"0", 10}, {"10", 0, lt::file_storage::flag_symlink}}),
		"reading the torrent: file \"10\" is a symbolic link");
}

TEST(extent_map, a_torrent_without_piece_length_is_refused)
{
	EXPECT_EQ(
		extent_map::build(lt::file_storage{}).error().text, "reading the torrent: it has no piece length");
}

// Quadratic work would take minutes here.
TEST(extent_map, a_hundred_thousand_files_in_reverse_order_are_built_at_once)
{
	lt::file_storage files;
	files.set_piece_length(piece_length);
	constexpr int count = 100'000;
	for (int index = count; index > 0; --index)
	{
		files.add_file(fmt::format("image/{:x}", index * 0x10000L), 0x100);
	}
	auto const map = extent_map::build(files).value();
	EXPECT_EQ(map.extents().size(), static_cast<std::size_t>(count));
	EXPECT_EQ(map.extents().front().offset, device_offset{0x10000});
	EXPECT_EQ(mapped(map, 0, 0xff, 2),
		fmt::format("{:#x}+1 {:#x}+1", 0x10000L * count + 0xff, 0x10000L * (count - 1)));
}

} // namespace rawswarm
