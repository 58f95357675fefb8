// SPDX-License-Identifier: BSD-3-Clause
// Torrents of a source: its content, its name, its files.
#include "base/bytes.hpp"
#include "storage/device/units.hpp"
#include "tests/support/base/random_bytes.hpp"
#include "tests/support/base/temp_dir.hpp"
#include "tests/support/base/value_of.hpp"
#include "tests/support/program/create_torrent.hpp"

#include <gtest/gtest.h>
#include <libtorrent/hasher.hpp>

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace rawswarm
{
namespace
{

using test::create_torrent;
using test::expect_device_order;
using test::expect_faithful;
using test::extent_list;
using test::extents_of;
using test::source_content;

constexpr std::uint64_t block = block_size;
constexpr std::uint64_t kib = 1024;

TEST_F(create_torrent, a_whole_source_is_one_extent_under_a_folder)
{
	auto const source = source_content("xx..x.x");
	auto const made = make(source);
	expect_faithful(made, source);
	EXPECT_EQ(extents_of(made), (extent_list{{0, source.size()}}));
	EXPECT_EQ(
		made.torrent.files().file_path(lt::file_index_t{0}), "disk.img/0x00000000000000000000000000000000");
	EXPECT_TRUE(made.hints.zero_ranges.empty());
	EXPECT_TRUE(made.torrent.info_hashes().has_v1());
	EXPECT_FALSE(made.torrent.info_hashes().has_v2());
}

TEST_F(create_torrent, sizes_that_are_no_multiple_of_anything_are_covered_to_the_last_byte)
{
	for (std::uint64_t const size :
		{std::uint64_t(1), std::uint64_t(511), block - 1, block + 1, 5 * block + 513})
	{
		auto const source = test::random_bytes(size, size);
		for (bool const skip_zeros : {false, true})
		{
			m_options.skip_zeros = skip_zeros;
			auto const made = make(source);
			expect_faithful(made, source);
			EXPECT_EQ(extents_of(made), (extent_list{{0, size}})) << size;
		}
	}
}

TEST_F(create_torrent, the_same_source_gives_the_same_bytes)
{
	m_options.skip_zeros = true;
	m_options.trackers = {test::value_of(tracker_url::parse("http://10.0.0.1/announce")),
		test::value_of(tracker_url::parse("udp://10.0.0.1:6969"))};
	auto const source = source_content("x.....xxx.......xxxxxxxxxxxx.......x");
	make(source);
	auto const first = test::read_file(m_options.output);
	m_options.threads = 7;
	make(source);
	EXPECT_EQ(test::read_file(m_options.output), first);
	EXPECT_EQ(first.find("creation date"), std::string::npos);
	EXPECT_NE(first.find("10:created by8:rawswarm"), std::string::npos);
}

TEST_F(create_torrent, progress_rises_to_the_total)
{
	m_options.skip_zeros = true;
	std::vector<std::int64_t> done;
	auto const source = source_content(std::string(150, 'x') + std::string(20, '.'));
	m_options.progress = [&](std::int64_t bytes, std::int64_t total) {
		EXPECT_EQ(total, static_cast<std::int64_t>(source.size()));
		done.push_back(bytes);
	};
	make(source);
	EXPECT_GE(done.size(), 3U);
	EXPECT_TRUE(std::is_sorted(done.begin(), done.end()));
	EXPECT_EQ(done.back(), static_cast<std::int64_t>(source.size()));
}

TEST_F(create_torrent, the_name_is_the_one_asked_for_or_that_of_the_source)
{
	EXPECT_EQ(make("data").torrent.name(), "disk.img");
	m_options.name = "lab 3";
	EXPECT_EQ(make("data").torrent.name(), "lab 3");
}

TEST_F(create_torrent, a_folder_gives_its_files_in_the_order_of_their_offsets)
{
	m_options.source = m_dir / "folder/";
	auto const a = test::random_bytes(1, 70'000);
	auto const b = test::random_bytes(2, 1);
	auto const c = test::random_bytes(3, 30'000);
	test::write_file(m_dir / "folder/00100000", b);
	test::write_file(m_dir / "folder/0xFFF00000", c);
	test::write_file(m_dir / "folder/0x0200", a);
	test::write_file(m_dir / "folder/0x80000", ""); // no bytes, no extent
	test::write_file(m_dir / "folder/torrent.info", "not a part of it");

	auto const made = make();
	expect_device_order(made);
	EXPECT_EQ(extents_of(made), (extent_list{{0x200, a.size()}, {0x100000, 1}, {0xfff00000, c.size()}}));
	auto const& files = made.torrent.files();
	EXPECT_EQ(files.file_path(lt::file_index_t{0}), "folder/0x0200");
	EXPECT_EQ(files.file_path(lt::file_index_t{1}), "folder/00100000");
	EXPECT_EQ(files.file_path(lt::file_index_t{2}), "folder/0xFFF00000");
	EXPECT_EQ(
		made.torrent.hash_for_piece(lt::piece_index_t{1}), lt::hasher((a + b + c).substr(64 * kib)).final());
	EXPECT_FALSE(made.hints.source_size);
	EXPECT_EQ(made.summary.source_size, 0xfff00000 + 30'000);
	EXPECT_EQ(made.summary.bytes, 100'001);
}

TEST_F(create_torrent, the_pieces_that_count_are_those_of_the_torrent)
{
	m_options.skip_zeros = true;
	test::write_sparse_file(m_options.source, 8_TiB);
	test::write_at(m_options.source, 5_TiB, "bytes");
	for (auto const& [asked, made_of] :
		{std::pair(64_KiB, 64_KiB), std::pair(4_MiB, 4_MiB), std::pair(0_KiB, 256_KiB)})
	{
		m_options.piece_size = asked;
		auto const made = make();
		EXPECT_EQ(extents_of(made), (extent_list{{5_TiB, block}}));
		EXPECT_EQ(made.summary.pieces, 1);
		EXPECT_EQ(made.summary.piece_size, made_of);
	}
}

} // namespace
} // namespace rawswarm
