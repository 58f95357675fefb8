// SPDX-License-Identifier: BSD-3-Clause
#include "storage/device/file_device.hpp"
#include "tests/support/base/temp_dir.hpp"
#include "tests/support/base/text_of.hpp"
#include "tests/support/device/device_text.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <sys/stat.h>

namespace rawswarm
{

namespace
{

using test::read_at;
using test::read_file;
using test::read_text;
using test::temp_dir;
using test::text_of;
using test::write_file;
using test::write_text;

std::unique_ptr<file_device> opened(result<std::unique_ptr<file_device>> device)
{
	EXPECT_TRUE(device) << device.error().text;
	return device ? std::move(device).value() : nullptr;
}

std::uint64_t blocks_of(std::string const& path)
{
	struct stat status = {};
	::stat(path.c_str(), &status);
	return static_cast<std::uint64_t>(status.st_blocks);
}

constexpr std::size_t page = 4096;

} // namespace

TEST(file_device, a_missing_image_is_created_sparse_and_as_large_as_asked)
{
	temp_dir const dir;
	auto const path = dir / "image";
	auto const device = opened(file_device::open_image(path, 1ull << 40));
	ASSERT_TRUE(device);
	EXPECT_EQ(device->size(), 1ull << 40);
	EXPECT_EQ(device->path(), path);
	EXPECT_EQ(std::filesystem::file_size(path), 1ull << 40);
	EXPECT_LT(blocks_of(path), 100u);
	EXPECT_EQ(std::filesystem::status(path).permissions() & std::filesystem::perms(0133),
		std::filesystem::perms::none);
}

TEST(file_device, a_shorter_image_is_extended_and_keeps_its_bytes)
{
	temp_dir const dir;
	write_file(dir / "image", "abc");
	auto const device = opened(file_device::open_image(dir / "image", 10));
	ASSERT_TRUE(device);
	EXPECT_EQ(device->size(), 10u);
	EXPECT_EQ(read_file(dir / "image"), std::string("abc\0\0\0\0\0\0\0", 10));
}

TEST(file_device, a_longer_image_is_never_shortened)
{
	temp_dir const dir;
	write_file(dir / "image", "abcdefghij");
	auto const device = opened(file_device::open_image(dir / "image", 3));
	ASSERT_TRUE(device);
	EXPECT_EQ(device->size(), 10u);
	EXPECT_EQ(read_file(dir / "image"), "abcdefghij");
}

TEST(file_device, bytes_are_read_back_at_the_offset_where_they_were_written)
{
	temp_dir const dir;
	auto const device = opened(file_device::open_image(dir / "image", 1ull << 33));
	ASSERT_TRUE(device);
	ASSERT_TRUE(write_text(*device, (1ull << 33) - 5, "hello"));
	EXPECT_EQ(read_text(*device, (1ull << 33) - 6, 6), std::string("\0hello", 6));
	EXPECT_TRUE(device->sync());
	EXPECT_EQ(read_at(dir / "image", (1ull << 33) - 5, 5), "hello");
}

TEST(file_device, more_buffers_than_iov_max_are_moved_whole)
{
	temp_dir const dir;
	auto const device = opened(file_device::open_image(dir / "image", 9000));
	ASSERT_TRUE(device);
	std::string out(9000, '\0');
	std::string in(9000, '\0');
	std::vector<iovec> out_buffers;
	std::vector<iovec> in_buffers;
	for (std::size_t index = 0; index < 3000; ++index)
	{
		out[index * 3] = static_cast<char>(index);
		out_buffers.push_back({out.data() + index * 3, 3});
		in_buffers.push_back({in.data() + index * 3, 3});
	}
	ASSERT_TRUE(device->write(device_offset{0}, out_buffers));
	ASSERT_TRUE(device->read(device_offset{0}, in_buffers));
	EXPECT_EQ(in, out);
	EXPECT_EQ(read_file(dir / "image"), out);
}

TEST(file_device, threads_write_ranges_of_their_own_at_once)
{
	temp_dir const dir;
	auto const device = opened(file_device::open_image(dir / "image", 4 * 64 * 100));
	ASSERT_TRUE(device);
	{
		std::vector<std::jthread> threads;
		for (std::uint64_t thread = 0; thread < 4; ++thread)
		{
			threads.emplace_back([&, thread] {
				for (std::uint64_t round = 0; round < 64; ++round)
				{
					EXPECT_TRUE(write_text(*device, (round * 4 + thread) * 100,
						std::string(100, static_cast<char>('a' + thread))));
				}
				EXPECT_TRUE(device->sync());
			});
		}
	}
	auto const bytes = read_file(dir / "image");
	for (std::size_t at = 0; at < bytes.size(); ++at)
	{
		ASSERT_EQ(bytes[at], static_cast<char>('a' + at / 100 % 4)) << at;
	}
}

TEST(file_device, a_read_past_the_end_fails_and_names_it)
{
	temp_dir const dir;
	write_file(dir / "image", "abcdef");
	auto const device = opened(file_device::open(dir / "image", device_access::read_only));
	ASSERT_TRUE(device);
	EXPECT_EQ(device->size(), 6u);
	EXPECT_EQ(read_text(*device, 4, 2), "ef");
	EXPECT_EQ(
		read_text(*device, 4, 3), "reading " + dir / "image" + " at 0x4: length 3 goes past the end at 0x6");
	EXPECT_EQ(read_text(*device, UINT64_MAX, 1),
		"reading " + dir / "image" + " at 0xffffffffffffffff: length 1 goes past the end at 0x6");
}

TEST(file_device, a_source_that_shrinks_is_an_unexpected_end)
{
	temp_dir const dir;
	write_file(dir / "image", "abcdef");
	auto const device = opened(file_device::open(dir / "image", device_access::read_only));
	ASSERT_TRUE(device);
	std::filesystem::resize_file(dir / "image", 3);
	EXPECT_EQ(read_text(*device, 1, 4), "reading " + dir / "image" + " at 0x3: unexpected end");
}

TEST(file_device, a_write_past_the_end_fails_and_the_image_does_not_grow)
{
	temp_dir const dir;
	auto const device = opened(file_device::open_image(dir / "image", 100));
	ASSERT_TRUE(device);
	auto const written = write_text(*device, 99, "ab");
	ASSERT_FALSE(written);
	EXPECT_EQ(written.error().kind, fault::device);
	EXPECT_TRUE(written.error().ec);
	EXPECT_EQ(std::filesystem::file_size(dir / "image"), 100u);
}

TEST(file_device, after_a_failed_write_every_sync_fails_with_its_error)
{
	temp_dir const dir;
	write_file(dir / "image", "abcdef");
	auto const device = opened(file_device::open(dir / "image", device_access::read_only));
	ASSERT_TRUE(device);
	EXPECT_TRUE(device->sync());
	auto const first = write_text(*device, 2, "x");
	ASSERT_FALSE(first);
	EXPECT_EQ(first.error().text, "writing " + dir / "image" + " at 0x2: Bad file descriptor");
	EXPECT_FALSE(write_text(*device, 5, "x"));
	for (int round = 0; round < 2; ++round)
	{
		auto const synced = device->sync();
		ASSERT_FALSE(synced);
		EXPECT_EQ(synced.error().text, first.error().text);
		EXPECT_EQ(synced.error().ec, first.error().ec);
		EXPECT_EQ(synced.error().kind, fault::device);
	}
}

TEST(file_device, after_a_failed_zeroing_every_sync_fails)
{
	temp_dir const dir;
	write_file(dir / "image", "abcdef");
	auto const device = opened(file_device::open(dir / "image", device_access::read_only));
	ASSERT_TRUE(device);
	EXPECT_FALSE(device->zero(device_offset{1}, 2));
	EXPECT_FALSE(device->sync());
	EXPECT_EQ(read_file(dir / "image"), "abcdef");
}

TEST(file_device, zeroing_an_image_changes_its_range_alone_and_frees_the_space)
{
	temp_dir const dir;
	std::string bytes(1 << 20, 'x');
	write_file(dir / "image", bytes);
	auto const device = opened(file_device::open_image(dir / "image", bytes.size()));
	ASSERT_TRUE(device);
	ASSERT_TRUE(device->sync());
	auto const before = blocks_of(dir / "image");
	ASSERT_TRUE(device->zero(device_offset{1001}, 900'000));
	ASSERT_TRUE(device->zero(device_offset{0}, 0));
	ASSERT_TRUE(device->sync());
	bytes.replace(1001, 900'000, 900'000, '\0');
	EXPECT_TRUE(read_file(dir / "image") == bytes);
	EXPECT_LT(blocks_of(dir / "image"), before);
	EXPECT_FALSE(device->zero(device_offset{bytes.size() - 1}, 2));
	EXPECT_EQ(std::filesystem::file_size(dir / "image"), bytes.size());
}

TEST(file_device, a_path_to_neither_file_nor_device_is_refused_without_waiting)
{
	temp_dir const dir;
	ASSERT_EQ(::mkfifo((dir / "fifo").c_str(), 0600), 0);
	auto const fifo = file_device::open(dir / "fifo", device_access::read_only);
	EXPECT_EQ(text_of(fifo), "opening " + dir / "fifo" + ": neither a block device nor a regular file");
	EXPECT_EQ(fifo.error().kind, fault::target);
	EXPECT_EQ(text_of(file_device::open_image(dir / "fifo", 10)),
		"opening " + dir / "fifo" + ": neither a block device nor a regular file");
	EXPECT_EQ(text_of(file_device::open("/dev/null", device_access::read_write)),
		"opening /dev/null: neither a block device nor a regular file");
	EXPECT_EQ(text_of(file_device::open_image(dir.path(), 10)),
		"opening " + dir.path().string() + ": Is a directory");
}

TEST(file_device, a_missing_file_is_named)
{
	temp_dir const dir;
	EXPECT_EQ(text_of(file_device::open(dir / "no", device_access::read_only)),
		"opening " + dir / "no" + ": No such file or directory");
	EXPECT_EQ(text_of(file_device::open_image(dir / "no/image", 10)),
		"opening " + dir / "no/image" + ": No such file or directory");
}

TEST(file_device, no_image_is_created_through_a_link)
{
	temp_dir const dir;
	std::filesystem::create_symlink(dir / "missing", dir / "link");
	EXPECT_EQ(text_of(file_device::open_image(dir / "link", 10)),
		"opening " + dir / "link" + ": No such file or directory");
	EXPECT_FALSE(std::filesystem::exists(dir / "missing"));
}

TEST(file_device, an_image_that_cannot_be_made_so_large_is_named_with_the_size_and_not_left_behind)
{
	temp_dir const dir;
	EXPECT_EQ(text_of(file_device::open_image(dir / "image", UINT64_MAX)),
		"extending " + dir / "image" + " to 18446744073709551615 bytes: Invalid argument");
	EXPECT_FALSE(std::filesystem::exists(dir / "image"));
}

TEST(file_device, direct_writes_to_an_image_leave_the_same_bytes_whatever_the_file_system_can)
{
	temp_dir const dir;
	auto const device = opened(file_device::open_image(dir / "image", 5 * page + 100));
	ASSERT_TRUE(device);
	EXPECT_FALSE(device->writes_directly());
	device->write_directly();
	std::unique_ptr<char, decltype(&std::free)> const memory(
		static_cast<char*>(std::aligned_alloc(page, 3 * page)), &std::free);
	std::fill_n(memory.get(), 3 * page, 'p');
	iovec const whole{memory.get(), 3 * page};
	ASSERT_TRUE(device->write(device_offset{page}, {&whole, 1}));
	EXPECT_EQ(read_text(*device, page, 3 * page), std::string(3 * page, 'p'));
	ASSERT_TRUE(write_text(*device, 5, "part of a page"));
	ASSERT_TRUE(write_text(*device, 5 * page + 96, "end!"));
	ASSERT_TRUE(device->sync());
	std::string expected(5 * page + 100, '\0');
	expected.replace(5, 14, "part of a page");
	expected.replace(page, 3 * page, 3 * page, 'p');
	expected.replace(5 * page + 96, 4, "end!");
	EXPECT_TRUE(read_file(dir / "image") == expected);
}

// With any alignment of offset, length and memory, up to the last byte.
TEST(file_device, the_medium_is_read_at_any_place)
{
	temp_dir const dir;
	auto const path = dir / "image";
	std::string content;
	for (std::size_t i = 0; i < 5 * page + 100; ++i)
	{
		content += static_cast<char>(i * 31 % 251);
	}
	write_file(path, content);
	auto const device = opened(file_device::open(path, device_access::read_only));
	ASSERT_TRUE(device);
	for (std::size_t const offset :
		{std::size_t(0), std::size_t(1), page - 1, page, 4 * page, 5 * page, 5 * page + 99})
	{
		for (std::size_t length : {std::size_t(1), page - 1, page, page + 1, 3 * page, content.size()})
		{
			length = std::min(length, content.size() - offset);
			std::string part(length, '?');
			auto const done = device->read_medium(device_offset{offset}, part);
			ASSERT_TRUE(done) << done.error().text;
			EXPECT_EQ(part, content.substr(offset, length)) << offset << " " << length;
		}
	}
	std::string past(1, '?');
	EXPECT_FALSE(device->read_medium(device_offset{content.size()}, past));
}

} // namespace rawswarm
