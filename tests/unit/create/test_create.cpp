// SPDX-License-Identifier: BSD-3-Clause
#include "agent/bittorrent/torrent_hints.hpp"
#include "agent/create/create.hpp"
#include "base/bytes.hpp"
#include "base/text.hpp"
#include "tests/support/base/random_bytes.hpp"
#include "tests/support/base/temp_dir.hpp"
#include "tests/support/base/value_of.hpp"
#include "tests/support/device/loop_device.hpp"

#include <gtest/gtest.h>
#include <libtorrent/hasher.hpp>
#include <libtorrent/torrent_info.hpp>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace rawswarm
{
namespace
{

namespace fs = std::filesystem;

constexpr std::uint64_t block = block_size;
constexpr std::uint64_t kib = 1024;
constexpr std::uint64_t mib = 1024 * kib;

// 'x' stands for a block of random bytes, '.' for one of zeros.
std::string content(std::string const& pattern)
{
	std::string bytes;
	for (std::size_t i = 0; i < pattern.size(); ++i)
	{
		bytes += pattern[i] == 'x' ? test::random_bytes(i + 1, block) : std::string(block, '\0');
	}
	return bytes;
}

struct created
{
	create_summary summary;
	lt::torrent_info torrent;
	extent_map extents;
	torrent_hints hints;
};

created load(create_summary summary, std::string const& bytes)
{
	lt::torrent_info torrent(bytes, lt::from_span);
	auto extents = extent_map::build(torrent.files()).value();
	auto hints = read_hints(torrent, extents).value();
	return {std::move(summary), torrent, std::move(extents), hints};
}

class create_torrent : public ::testing::Test
{
protected:
	create_torrent()
	{
		m_options.source = m_dir / "disk.img";
		m_options.output = m_dir / "out/disk.torrent";
		m_options.piece_size = 64 * kib;
		m_options.threads = 2;
		fs::create_directory(m_dir / "out");
	}

	created make()
	{
		auto summary = create(m_options);
		if (!summary)
		{
			throw std::runtime_error(summary.error().text);
		}
		return load(std::move(summary).value(), test::read_file(m_options.output));
	}

	created make(std::string const& source)
	{
		test::write_file(m_options.source, source);
		return make();
	}

	void expect_refused(fault kind, std::string const& text)
	{
		auto const made = create(m_options);
		ASSERT_FALSE(made);
		EXPECT_EQ(made.error().kind, kind) << made.error().text;
		EXPECT_NE(made.error().text.find(text), std::string::npos) << made.error().text;
		EXPECT_TRUE(fs::is_empty(m_dir / "out"));
	}

	test::temp_dir m_dir;
	create_options m_options;
};

using extent_list = std::vector<std::pair<std::uint64_t, std::uint64_t>>;

extent_list extents_of(created const& made)
{
	extent_list list;
	for (auto const& extent : made.extents.extents())
	{
		list.emplace_back(extent.offset.bytes, extent.length);
	}
	return list;
}

// The torrent's files in its own order are the extents in the order of the device.
void expect_device_order(created const& made)
{
	std::uint64_t at = 0;
	for (auto const& extent : made.extents.extents())
	{
		EXPECT_EQ(extent.torrent_offset, at);
		at += extent.length;
	}
	EXPECT_EQ(at, made.extents.total());
}

// The same hashes as those of the extents' bytes, put one behind the other.
void expect_hashes(created const& made, std::string const& source)
{
	std::string bytes;
	for (auto const& extent : made.extents.extents())
	{
		bytes += source.substr(extent.offset.bytes, extent.length);
	}
	auto const size = static_cast<std::size_t>(made.torrent.piece_length());
	ASSERT_EQ(static_cast<std::size_t>(made.torrent.num_pieces()), (bytes.size() + size - 1) / size);
	for (auto const piece : made.torrent.piece_range())
	{
		auto const begin = static_cast<std::size_t>(static_cast<int>(piece)) * size;
		EXPECT_EQ(made.torrent.hash_for_piece(piece), lt::hasher(bytes.substr(begin, size)).final());
	}
}

// Laid onto zeros, the extents give the source.
void expect_covered(created const& made, std::string const& source)
{
	std::string copy(source.size(), '\0');
	for (auto const& extent : made.extents.extents())
	{
		EXPECT_EQ(extent.offset.bytes % block, 0U);
		EXPECT_TRUE(extent.length % block == 0 || extent.offset.bytes + extent.length == source.size());
		copy.replace(extent.offset.bytes, extent.length, source, extent.offset.bytes, extent.length);
	}
	EXPECT_TRUE(copy == source);
}

void expect_faithful(created const& made, std::string const& source)
{
	expect_device_order(made);
	expect_hashes(made, source);
	expect_covered(made, source);
	EXPECT_EQ(made.hints.source_size, source.size());
	EXPECT_EQ(made.hints.zero_gaps, made.extents.total() < source.size());
	EXPECT_EQ(made.summary.source_size, static_cast<std::int64_t>(source.size()));
	EXPECT_EQ(made.summary.extents, static_cast<std::int64_t>(made.extents.extents().size()));
	EXPECT_EQ(made.summary.bytes, static_cast<std::int64_t>(made.extents.total()));
	EXPECT_EQ(made.summary.piece_size, made.torrent.piece_length());
	EXPECT_EQ(made.summary.pieces, made.torrent.num_pieces());
	EXPECT_EQ(made.summary.info_hash, to_hex(made.torrent.info_hashes().v1.to_string()));
}

TEST_F(create_torrent, a_whole_source_is_one_extent_under_a_folder)
{
	auto const source = content("xx..x.x");
	auto const made = make(source);
	expect_faithful(made, source);
	EXPECT_EQ(extents_of(made), (extent_list{{0, source.size()}}));
	EXPECT_EQ(
		made.torrent.files().file_path(lt::file_index_t{0}), "disk.img/0x00000000000000000000000000000000");
	EXPECT_FALSE(made.hints.zero_gaps);
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

TEST_F(create_torrent, blocks_of_zeros_are_left_out)
{
	m_options.skip_zeros = true;
	auto const source = content("....xxx......x....") + std::string(3 * block, '\0');
	auto const made = make(source);
	expect_faithful(made, source);
	EXPECT_EQ(extents_of(made), (extent_list{{4 * block, 3 * block}, {13 * block, block}}));
	EXPECT_TRUE(made.hints.zero_gaps);
}

TEST_F(create_torrent, a_gap_too_short_to_pay_is_kept)
{
	m_options.skip_zeros = true;
	auto const source = content("x...xx....x");
	auto const made = make(source);
	expect_faithful(made, source);
	EXPECT_EQ(extents_of(made), (extent_list{{0, 6 * block}, {10 * block, block}}));
}

TEST_F(create_torrent, a_short_last_block_is_kept_or_left_out_like_any_other)
{
	m_options.skip_zeros = true;
	auto const zeros = content("x.....") + std::string(700, '\0');
	auto made = make(zeros);
	expect_faithful(made, zeros);
	EXPECT_EQ(extents_of(made), (extent_list{{0, block}}));

	auto data = zeros;
	data.back() = 1;
	made = make(data);
	expect_faithful(made, data);
	EXPECT_EQ(extents_of(made), (extent_list{{0, block}, {6 * block, 700}}));
}

TEST_F(create_torrent, a_source_without_zeros_has_no_gaps_to_speak_of)
{
	m_options.skip_zeros = true;
	auto const source = content("xxxxxxxxx");
	auto const made = make(source);
	expect_faithful(made, source);
	EXPECT_FALSE(made.hints.zero_gaps);
}

TEST_F(create_torrent, of_a_source_of_zeros_one_block_is_kept)
{
	m_options.skip_zeros = true;
	auto const source = content("........................");
	auto made = make(source);
	expect_faithful(made, source);
	EXPECT_EQ(extents_of(made), (extent_list{{0, block}}));

	std::string const small(100, '\0');
	made = make(small);
	expect_faithful(made, small);
	EXPECT_EQ(extents_of(made), (extent_list{{0, 100}}));
}

TEST_F(create_torrent, any_pattern_of_zeros_comes_back_as_it_was)
{
	m_options.skip_zeros = true;
	for (std::uint64_t seed = 1; seed <= 5; ++seed)
	{
		// 200 blocks: more than one read. Runs get longer from seed to seed.
		auto const dice = test::random_bytes(seed, 200);
		std::string pattern;
		while (pattern.size() < 200)
		{
			auto const roll = static_cast<unsigned char>(dice[pattern.size()]);
			pattern.append(1 + roll % (2 * seed), roll < 128 ? 'x' : '.');
		}
		auto const source = content(pattern) + test::random_bytes(seed, seed * 77);
		expect_faithful(make(source), source);
	}
}

TEST_F(create_torrent, holes_of_a_sparse_file_are_zeros)
{
	auto const data = test::random_bytes(1, 5000);
	test::write_sparse_file(m_options.source, 3 * mib + 100);
	test::write_at(m_options.source, mib + 4096, data); // holes end inside a block of 16 KiB
	test::write_at(m_options.source, 2 * mib - 10, data);
	auto const source = test::read_file(m_options.source);
	for (bool const skip_zeros : {false, true})
	{
		m_options.skip_zeros = skip_zeros;
		expect_faithful(make(), source);
	}
}

TEST_F(create_torrent, the_same_source_gives_the_same_bytes)
{
	m_options.skip_zeros = true;
	m_options.trackers = {test::value_of(tracker_url::parse("http://10.0.0.1/announce")),
		test::value_of(tracker_url::parse("udp://10.0.0.1:6969"))};
	auto const source = content("x.....xxx.......xxxxxxxxxxxx.......x");
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
	auto const source = content(std::string(150, 'x') + std::string(20, '.'));
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

TEST_F(create_torrent, zeros_cannot_be_left_out_of_a_folder)
{
	m_options.source = m_dir / "folder";
	m_options.skip_zeros = true;
	test::write_file(m_dir / "folder/0x0", "data");
	expect_refused(fault::usage, "zeros");
}

TEST_F(create_torrent, options_that_make_no_sense_are_refused)
{
	test::write_file(m_options.source, "data");
	for (std::int64_t const size :
		{std::int64_t(-1), std::int64_t(8192), std::int64_t(100'000), std::int64_t(1) << 25})
	{
		m_options.piece_size = size;
		expect_refused(fault::usage, "piece size");
	}
	m_options.piece_size = 0;
	m_options.threads = -1;
	expect_refused(fault::usage, "threads");
	m_options.threads = 0;
	for (auto const* name : {"a/b", ".."})
	{
		m_options.name = name;
		expect_refused(fault::usage, name);
	}
}

TEST_F(create_torrent, pieces_beyond_what_others_load_are_refused_with_the_size_that_would_do)
{
	test::write_sparse_file(m_options.source, 1_TiB);
	m_options.piece_size = 16 * kib;
	expect_refused(fault::usage,
		"piece size 16384: " + m_options.source
			+ " has 1099511627776 bytes of data, which would be more than 2097152 pieces; a piece size of "
			  "524288 "
			  "would do");
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

TEST_F(create_torrent, an_empty_or_missing_source_is_refused)
{
	expect_refused(fault::target, "disk.img: No such file");
	test::write_file(m_options.source, "");
	expect_refused(fault::target, "disk.img: it is empty");
}

TEST_F(create_torrent, the_output_may_not_be_the_source_nor_lie_in_it)
{
	test::write_file(m_options.source, "data");
	fs::create_symlink(m_options.source, m_dir / "link");
	for (auto const& output : {m_options.source, m_dir / "link"})
	{
		m_options.output = output;
		expect_refused(fault::usage, "it is the source");
	}
	EXPECT_EQ(test::read_file(m_options.source), "data");

	test::write_file(m_dir / "folder/0x0", "data");
	m_options.source = m_dir / "folder";
	m_options.output = m_dir / "folder/x.torrent";
	expect_refused(fault::usage, "it lies in the folder");
}

TEST_F(create_torrent, an_output_that_cannot_be_written_is_refused_before_reading)
{
	test::write_file(m_options.source, "data");
	m_options.progress = [](std::int64_t, std::int64_t) { ADD_FAILURE() << "it was read"; };
	m_options.output = m_dir / "missing/disk.torrent";
	expect_refused(fault::target, "missing/disk.torrent: No such file");
}

// The source loses its end while it is read.
TEST_F(create_torrent, a_failed_read_leaves_nothing_behind)
{
	test::write_file(m_options.source, content(std::string(200, 'x')));
	m_options.progress = [&](std::int64_t, std::int64_t) { fs::resize_file(m_options.source, mib); };
	expect_refused(fault::device, "reading " + m_options.source + " at 0x100000");
}

TEST_F(create_torrent, a_device_mounted_for_writing_wants_to_be_asked_for)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	test::write_sparse_file(m_options.source, 4 * mib);
	test::loop_device const loop(m_options.source);
	if (std::system(("mkfs.ext4 -q -O ^has_journal " + loop.path()).c_str()) != 0)
	{
		GTEST_SKIP() << "no mkfs.ext4";
	}
	m_options.source = loop.path();
	{
		test::scoped_mount const mounted(loop.path(), "ext4");
		expect_refused(fault::target, "mounted on " + mounted.path());
		m_options.allow_mounted = true;
		EXPECT_EQ(make().extents.total(), 4 * mib);
	}
	m_options.allow_mounted = false;
	test::scoped_mount const mounted(loop.path(), "ext4", {}, true);
	EXPECT_EQ(make().hints.source_size, 4 * mib);
}

} // namespace
} // namespace rawswarm
