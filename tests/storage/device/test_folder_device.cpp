// SPDX-License-Identifier: BSD-3-Clause
#include "storage/device/folder_device.hpp"
#include "tests/support/base/temp_dir.hpp"
#include "tests/support/base/text_of.hpp"
#include "tests/support/device/device_text.hpp"

#include <gtest/gtest.h>
#include <libtorrent/file_storage.hpp>

#include <algorithm>
#include <filesystem>
#include <map>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <sys/stat.h>

namespace rawswarm
{

namespace
{

using test::read_file;
using test::read_text;
using test::temp_dir;
using test::text_of;
using test::write_file;
using test::write_text;

std::unique_ptr<folder_device> opened(result<std::unique_ptr<folder_device>> device)
{
	EXPECT_TRUE(device) << device.error().text;
	return device ? std::move(device).value() : nullptr;
}

// A torrent and the names of its files.
struct torrent_files
{
	extent_map extents;
	std::vector<std::string> names;
};

torrent_files make_torrent(std::vector<std::pair<std::string, std::int64_t>> const& list)
{
	lt::file_storage files;
	files.set_piece_length(16 * 1024);
	std::vector<std::string> names;
	for (auto const& [name, length] : list)
	{
		files.add_file("image/" + name, length);
		names.push_back(name);
	}
	return {extent_map::build(files).value(), names};
}

std::vector<std::pair<std::string, std::int64_t>> files_of_eight_bytes(int count)
{
	std::vector<std::pair<std::string, std::int64_t>> list;
	for (int index = 0; index < count; ++index)
	{
		list.emplace_back(fmt::format("{:x}", index * 8), 8);
	}
	return list;
}

std::size_t open_files_below(std::filesystem::path const& folder)
{
	std::size_t count = 0;
	for (auto const& entry : std::filesystem::directory_iterator("/proc/self/fd"))
	{
		std::error_code ec;
		count += std::filesystem::read_symlink(entry, ec).parent_path() == folder ? 1U : 0U;
	}
	return count;
}

std::map<std::string, std::string> content(temp_dir const& dir)
{
	std::map<std::string, std::string> found;
	for (auto const& entry : std::filesystem::directory_iterator(dir.path()))
	{
		found[entry.path().filename().string()] = read_file(entry.path());
	}
	return found;
}

} // namespace

TEST(folder_device, a_read_may_span_adjacent_files)
{
	temp_dir const dir;
	write_file(dir / "00000000", "abcd");
	write_file(dir / "0x4", "efg");
	write_file(dir / "7", "hi");
	write_file(dir / "100", "far");
	auto const device = opened(folder_device::open(dir.path()));
	ASSERT_TRUE(device);
	EXPECT_EQ(read_text(*device, 0, 9), "abcdefghi");
	EXPECT_EQ(read_text(*device, 3, 5), "defgh");
	EXPECT_EQ(read_text(*device, 0x101, 2), "ar");
	EXPECT_EQ(device->size(), 0x103u);
	EXPECT_EQ(device->path(), dir.path().string());
}

TEST(folder_device, a_read_in_many_buffers_may_span_adjacent_files)
{
	temp_dir const dir;
	write_file(dir / "0", "abcd");
	write_file(dir / "4", "efgh");
	auto const device = opened(folder_device::open(dir.path()));
	ASSERT_TRUE(device);
	std::string text(6, '?');
	std::vector<iovec> const buffers{{text.data(), 2}, {text.data() + 2, 3}, {text.data() + 5, 1}};
	ASSERT_TRUE(device->read(device_offset{1}, buffers));
	EXPECT_EQ(text, "bcdefg");
}

TEST(folder_device, a_range_that_no_file_covers_is_an_error_at_its_first_byte)
{
	temp_dir const dir;
	write_file(dir / "10", "abcd");
	write_file(dir / "20", "efgh");
	auto const device = opened(folder_device::open(dir.path()));
	ASSERT_TRUE(device);
	auto const reading = "reading " + dir.path().string() + " at ";
	EXPECT_EQ(read_text(*device, 0, 1), reading + "0x0: no file covers it");
	EXPECT_EQ(read_text(*device, 0xf, 2), reading + "0xf: no file covers it");
	EXPECT_EQ(read_text(*device, 0x12, 4), reading + "0x14: no file covers it");
	EXPECT_EQ(read_text(*device, 0x14, 1), reading + "0x14: no file covers it");
	EXPECT_EQ(read_text(*device, 0x24, 1), reading + "0x24: no file covers it");
	EXPECT_EQ(read_text(*device, UINT64_MAX, 1), reading + "0xffffffffffffffff: no file covers it");
}

TEST(folder_device, files_not_named_by_an_offset_are_ignored)
{
	temp_dir const dir;
	write_file(dir / "0", "abcd");
	write_file(dir / "2", "");
	write_file(dir / "torrent.info", "offset: 0\n");
	write_file(dir / "4/0", "deep");
	auto const device = opened(folder_device::open(dir.path()));
	ASSERT_TRUE(device);
	EXPECT_EQ(device->size(), 4u);
}

TEST(folder_device, files_that_overlap_are_refused)
{
	temp_dir const dir;
	write_file(dir / "0", "abcd");
	write_file(dir / "0x3", "ef");
	EXPECT_EQ(text_of(folder_device::open(dir.path())),
		"opening " + dir.path().string() + ": its files \"0\" (length 0x4) and \"0x3\" overlap");
}

TEST(folder_device, a_folder_without_offsets_is_no_source)
{
	temp_dir const dir;
	write_file(dir / "readme.txt", "abcd");
	EXPECT_EQ(text_of(folder_device::open(dir.path())),
		"opening " + dir.path().string() + ": no file in it has a byte offset for a name");
	EXPECT_EQ(
		text_of(folder_device::open(dir / "no")), "opening " + dir / "no" + ": No such file or directory");
}

TEST(folder_device, a_fifo_named_by_an_offset_is_refused)
{
	temp_dir const dir;
	ASSERT_EQ(::mkfifo((dir / "10").c_str(), 0600), 0);
	EXPECT_EQ(text_of(folder_device::open(dir.path())),
		"opening " + dir.path().string() + ": \"10\" in it is not a regular file");
}

TEST(folder_device, a_target_gets_one_file_per_extent_with_the_names_of_the_torrent)
{
	temp_dir const dir;
	auto const torrent = make_torrent({{"00000010", 4}, {"0x14", 3}, {"0", 2}});
	auto const device = opened(folder_device::create(dir.path(), torrent.extents, torrent.names));
	ASSERT_TRUE(device);
	ASSERT_TRUE(write_text(*device, 0x10, "abcdefg"));
	ASSERT_TRUE(write_text(*device, 1, "z"));
	EXPECT_TRUE(device->sync());
	EXPECT_EQ(read_text(*device, 0x12, 4), "cdef");
	EXPECT_EQ(content(dir),
		(std::map<std::string, std::string>{
			{"0", std::string("\0z", 2)}, {"00000010", "abcd"}, {"0x14", "efg"}}));
}

TEST(folder_device, a_target_that_was_begun_is_taken_up_again)
{
	temp_dir const dir;
	auto const torrent = make_torrent({{"0", 4}, {"4", 4}});
	write_file(dir / "0", "ab");
	write_file(dir / "notes.txt", "mine");
	auto const device = opened(folder_device::create(dir.path(), torrent.extents, torrent.names));
	ASSERT_TRUE(device);
	EXPECT_EQ(read_text(*device, 0, 8), std::string("ab\0\0\0\0\0\0", 8));
	EXPECT_EQ(read_file(dir / "notes.txt"), "mine");
}

TEST(folder_device, a_target_that_holds_something_else_is_refused_unchanged)
{
	auto const torrent = make_torrent({{"0", 4}, {"10", 4}});
	std::vector<std::tuple<std::string, std::string, std::string>> const cases{
		{"8", "x", "it holds \"8\", and the torrent has no file at that offset"},
		{"10", "12345", "\"10\" in it has 5 bytes, in the torrent 4"},
		{"0x10", "1234", "it holds \"0x10\", which has another name in the torrent"},
	};
	for (auto const& [name, bytes, reason] : cases)
	{
		temp_dir const dir;
		write_file(dir / name, bytes);
		EXPECT_EQ(text_of(folder_device::create(dir.path(), torrent.extents, torrent.names)),
			"opening " + dir.path().string() + ": " + reason);
		EXPECT_EQ(content(dir), (std::map<std::string, std::string>{{name, bytes}}));
	}
}

TEST(folder_device, a_link_in_a_target_is_not_followed)
{
	temp_dir const dir;
	temp_dir const elsewhere;
	write_file(elsewhere / "victim", "abcd");
	std::filesystem::create_symlink(elsewhere / "victim", dir / "0");
	auto const torrent = make_torrent({{"0", 4}});
	EXPECT_EQ(text_of(folder_device::create(dir.path(), torrent.extents, torrent.names)),
		"opening " + dir.path().string() + ": \"0\" in it is not a regular file");
}

TEST(folder_device, a_name_that_is_not_the_extents_offset_is_refused)
{
	temp_dir const dir;
	auto const torrent = make_torrent({{"0", 4}, {"10", 4}});
	auto const no_name = "opening " + dir.path().string() + ": no name for the file at ";
	for (std::string const name : {"../10", "/10", "11", ""})
	{
		std::vector<std::string> const names{"0", name};
		EXPECT_EQ(text_of(folder_device::create(dir.path(), torrent.extents, names)), no_name + "0x10");
	}
	std::vector<std::string> const too_few{"0"};
	EXPECT_EQ(text_of(folder_device::create(dir.path(), torrent.extents, too_few)), no_name + "0x10");
	EXPECT_TRUE(content(dir).empty());
}

TEST(folder_device, zeroing_spans_adjacent_files)
{
	temp_dir const dir;
	auto const torrent = make_torrent({{"0", 4}, {"4", 4}});
	auto const device = opened(folder_device::create(dir.path(), torrent.extents, torrent.names));
	ASSERT_TRUE(device);
	ASSERT_TRUE(write_text(*device, 0, "abcdefgh"));
	ASSERT_TRUE(device->zero(device_offset{2}, 4));
	EXPECT_EQ(read_text(*device, 0, 8), std::string("ab\0\0\0\0gh", 8));
}

TEST(folder_device, after_a_failed_write_every_sync_fails_with_its_error)
{
	temp_dir const dir;
	auto const torrent = make_torrent({{"0", 4}, {"10", 4}});
	auto const device = opened(folder_device::create(dir.path(), torrent.extents, torrent.names));
	ASSERT_TRUE(device);
	EXPECT_TRUE(device->sync());
	auto const written = write_text(*device, 2, "abcd");
	ASSERT_FALSE(written);
	EXPECT_EQ(written.error().text, "writing " + dir.path().string() + " at 0x4: no file covers it");
	EXPECT_EQ(written.error().kind, fault::device);
	EXPECT_TRUE(written.error().ec);
	EXPECT_TRUE(write_text(*device, 0, "abcd"));
	for (int round = 0; round < 2; ++round)
	{
		auto const synced = device->sync();
		ASSERT_FALSE(synced);
		EXPECT_EQ(synced.error().text, written.error().text);
	}
}

TEST(folder_device, a_file_that_is_gone_is_an_error_of_the_device)
{
	temp_dir const dir;
	auto const torrent = make_torrent({{"0", 4}});
	auto const device = opened(folder_device::create(dir.path(), torrent.extents, torrent.names));
	ASSERT_TRUE(device);
	std::filesystem::remove(dir / "0");
	auto const written = write_text(*device, 0, "ab");
	ASSERT_FALSE(written);
	EXPECT_EQ(written.error().text, "opening " + dir / "0" + ": No such file or directory");
	EXPECT_EQ(written.error().kind, fault::device);
	EXPECT_FALSE(device->sync());
}

TEST(folder_device, many_files_are_used_by_many_threads_with_few_open)
{
	temp_dir const dir;
	auto const torrent = make_torrent(files_of_eight_bytes(300));
	auto const device = opened(folder_device::create(dir.path(), torrent.extents, torrent.names));
	ASSERT_TRUE(device);
	{
		std::vector<std::jthread> threads;
		for (std::uint64_t thread = 0; thread < 4; ++thread)
		{
			threads.emplace_back([&, thread] {
				for (std::uint64_t index = thread; index < 300; index += 4)
				{
					auto const file = index * 7 % 300;
					EXPECT_TRUE(write_text(*device, file * 8, fmt::format("{:08}", file)));
					EXPECT_EQ(read_text(*device, file * 8 + 2, 6), fmt::format("{:06}", file));
				}
			});
		}
	}
	EXPECT_LE(open_files_below(dir.path()), 64u);
	EXPECT_GE(open_files_below(dir.path()), 60u);
	std::string all;
	for (int index = 0; index < 300; ++index)
	{
		all += fmt::format("{:08}", index);
	}
	EXPECT_EQ(read_text(*device, 0, all.size()), all);
	EXPECT_EQ(read_file(dir / "8"), "00000001");
}

TEST(folder_device, files_that_were_closed_meanwhile_are_synced_too)
{
	temp_dir const dir;
	auto const torrent = make_torrent(files_of_eight_bytes(66));
	auto const device = opened(folder_device::create(dir.path(), torrent.extents, torrent.names));
	ASSERT_TRUE(device);
	ASSERT_TRUE(write_text(*device, 0, std::string(66 * 8, 'x')));
	std::filesystem::rename(dir / "0", dir / "moved");
	auto const synced = device->sync();
	ASSERT_FALSE(synced);
	EXPECT_EQ(synced.error().text, "opening " + dir / "0" + ": No such file or directory");
}

} // namespace rawswarm
