// SPDX-License-Identifier: BSD-3-Clause
#include "agent/web_seed/web_seed_layout.hpp"
#include "storage/device/extent_map.hpp"
#include "tests/support/base/value_of.hpp"
#include "tests/support/torrent/torrent_maker.hpp"

#include <gtest/gtest.h>
#include <libtorrent/hasher.hpp>
#include <libtorrent/torrent_info.hpp>

#include <algorithm>

namespace rawswarm
{
namespace
{

using test::made_torrent;
using test::torrent_file;

constexpr int piece_size = 32 * 1024;

std::shared_ptr<lt::torrent_info const> loaded(made_torrent const& made)
{
	return std::make_shared<lt::torrent_info>(lt::span<char const>(made.bytes), lt::from_span);
}

web_seed_layout layout_of(std::string const& from, made_torrent const& made)
{
	auto const torrent = loaded(made);
	auto const map = test::value_of(extent_map::build(torrent->files()));
	return {test::value_of(parse_url(from)), torrent, map.end().bytes};
}

made_torrent torrent_of(std::vector<torrent_file> files, bool const pad_files = false)
{
	return test::make_torrent(std::move(files), {.piece_size = piece_size, .pad_files = pad_files});
}

// "/a 5+10@0": ten bytes from byte 5 of /a are the piece's first.
std::string text_of(std::vector<web_range> const& ranges)
{
	std::string text;
	for (auto const& r : ranges)
	{
		text += text.empty() ? "" : ", ";
		text += fmt::format("{} {}+{}@{}", r.target, r.begin, r.length, r.offset);
	}
	return text;
}

std::string mapped(std::string const& from, made_torrent const& made, int const piece)
{
	return text_of(layout_of(from, made).ranges(lt::piece_index_t{piece}));
}

torrent_file file(std::uint64_t const offset, std::size_t const length, std::string const& name = {})
{
	return {.offset = offset, .bytes = std::string(length, 'a'), .name = name};
}

} // namespace

TEST(web_seed_layout, an_image_file_has_each_extent_at_its_own_offset)
{
	auto const made = torrent_of({file(0x100, 1000), file(0x10000, 40'000)});
	EXPECT_EQ(mapped("http://h/disk.img", made, 0), "/disk.img 256+1000@0, /disk.img 65536+31768@1000");
	EXPECT_EQ(mapped("http://h/disk.img", made, 1), "/disk.img 97304+8232@0");
}

TEST(web_seed_layout, extents_that_are_neighbours_in_an_image_file_are_one_request)
{
	auto const made = torrent_of({file(0, 100), file(100, 200), file(400, 50)});
	EXPECT_EQ(mapped("http://h/i", made, 0), "/i 0+300@0, /i 400+50@300");
}

TEST(web_seed_layout, extents_in_another_order_are_found_at_their_offsets)
{
	auto made = torrent_of({file(0x2000, 100, "2000"), file(0x1000, 100, "1000")});
	EXPECT_EQ(mapped("http://h/i", made, 0),
		made.files.front().offset == 0x2000 ? "/i 8192+100@0, /i 4096+100@100"
											: "/i 4096+100@0, /i 8192+100@100");
}

TEST(web_seed_layout, a_folder_has_a_file_for_each_extent)
{
	auto const made =
		torrent_of({file(0, 100, "0x00000000"), file(100, 40'000, "deep/0x00000064"), file(0x100000, 10)});
	EXPECT_EQ(mapped("http://h/images/sda1/", made, 0),
		"/images/sda1/0x00000000 0+100@0, /images/sda1/deep/0x00000064 0+32668@100");
	EXPECT_EQ(mapped("http://h/images/sda1/", made, 1),
		"/images/sda1/deep/0x00000064 32668+7332@0, /images/sda1/0x00100000 0+10@7332");
}

TEST(web_seed_layout, a_path_is_percent_encoded)
{
	auto const made = torrent_of({file(0, 10, "sda 1#?%/0")});
	EXPECT_EQ(mapped("http://h/", made, 0), "/sda%201%23%3F%25/0 0+10@0");
}

TEST(web_seed_layout, a_query_stays_at_the_end)
{
	auto const made = torrent_of({file(0, 10, "0")});
	EXPECT_EQ(mapped("http://h/f/?key=a/b", made, 0), "/f/0?key=a/b 0+10@0");
	EXPECT_EQ(mapped("http://h/i?key=a/", made, 0), "/i?key=a/ 0+10@0");
}

TEST(web_seed_layout, pad_files_are_not_requested)
{
	auto const made = torrent_of({file(0, 100, "0"), file(0x10000, 100, "10000")}, true);
	EXPECT_EQ(mapped("http://h/f/", made, 0), "/f/0 0+100@0");
	EXPECT_EQ(mapped("http://h/f/", made, 1), "/f/10000 0+100@0");
	EXPECT_EQ(mapped("http://h/i", made, 1), "/i 65536+100@0");
}

TEST(web_seed_layout, an_image_file_reaches_to_the_last_extent_and_a_file_of_a_folder_is_one_extent)
{
	auto const made = torrent_of({file(0x10, 100), file(0x100, 1000)});
	auto const image = layout_of("http://h/i", made).ranges(lt::piece_index_t{0});
	ASSERT_EQ(image.size(), 2u);
	EXPECT_EQ(image[0].file_size, 0x100u + 1000);
	EXPECT_FALSE(image[0].exact);
	auto const folder = layout_of("http://h/f/", made).ranges(lt::piece_index_t{0});
	ASSERT_EQ(folder.size(), 2u);
	EXPECT_EQ(folder[1].file_size, 1000u);
	EXPECT_TRUE(folder[1].exact);
}

TEST(web_seed_layout, the_first_range_is_cut_in_two_where_the_server_is_not_known_yet)
{
	auto const made = torrent_of({file(0x100, 1000), file(0x10000, 40'000)});
	auto ranges = layout_of("http://h/i", made).ranges(lt::piece_index_t{0});
	shorten_first(ranges, 1000);
	EXPECT_EQ(text_of(ranges), "/i 256+1000@0, /i 65536+31768@1000");
	shorten_first(ranges, 300);
	EXPECT_EQ(text_of(ranges), "/i 256+300@0, /i 556+700@300, /i 65536+31768@1000");
	EXPECT_EQ(ranges[1].file_size, ranges[0].file_size);
	ranges.clear();
	shorten_first(ranges, 300);
	EXPECT_TRUE(ranges.empty());
}

// Compares with the torrent's own hashes: the ranges put together are the piece.
TEST(web_seed_layout, the_ranges_of_every_piece_put_together_have_its_hash)
{
	auto const made = test::make_torrent(test::scattered_extents({.count = 200, .largest = 20'000}),
		{.piece_size = piece_size, .shuffled = true});
	auto const torrent = loaded(made);
	std::string image(test::end_of(made.files), '\0');
	for (auto const& f : made.files)
	{
		image.replace(f.offset, f.bytes.size(), f.bytes);
	}
	auto const by_image = layout_of("http://h/i", made);
	auto const by_folder = layout_of("http://h/f/", made);
	for (auto const piece : torrent->piece_range())
	{
		auto const size = static_cast<std::size_t>(torrent->piece_size(piece));
		std::string from_image(size, '\0');
		for (auto const& r : by_image.ranges(piece))
		{
			from_image.replace(r.offset, r.length, image, r.begin, r.length);
		}
		std::string from_folder(size, '\0');
		for (auto const& r : by_folder.ranges(piece))
		{
			auto const f = std::ranges::find_if(made.files, [&](auto const& candidate) {
				return "/f/" + test::offset_name(candidate.offset) == r.target;
			});
			ASSERT_NE(f, made.files.end()) << r.target;
			from_folder.replace(r.offset, r.length, f->bytes, r.begin, r.length);
		}
		ASSERT_EQ(lt::hasher(from_image).final(), torrent->hash_for_piece(piece));
		ASSERT_EQ(lt::hasher(from_folder).final(), torrent->hash_for_piece(piece));
	}
}

} // namespace rawswarm
