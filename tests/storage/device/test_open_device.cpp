// SPDX-License-Identifier: BSD-3-Clause
#include "storage/device/open_device.hpp"
#include "tests/support/base/temp_dir.hpp"
#include "tests/support/base/text_of.hpp"

#include <gtest/gtest.h>
#include <libtorrent/file_storage.hpp>

#include <filesystem>
#include <string>
#include <vector>

#include <sys/stat.h>

namespace rawswarm
{

namespace
{

using test::read_file;
using test::temp_dir;
using test::text_of;
using test::write_file;

// Ends at 0x1010.
extent_map two_extents()
{
	lt::file_storage files;
	files.set_piece_length(16 * 1024);
	files.add_file("image/0x00000000", 0x10);
	files.add_file("image/0x00001000", 0x10);
	return extent_map::build(files).value();
}

std::vector<std::string> const names{"0x00000000", "0x00001000"};

std::string opened(std::string const& path)
{
	return text_of(open_target(path, two_extents(), names, direct_writes::automatic, missing_file::create));
}

std::string checked(std::string const& path)
{
	return text_of(check_target(path, two_extents(), missing_file::create));
}

std::string source(std::string const& path)
{
	return text_of(open_source(path));
}

} // namespace

TEST(open_device, a_missing_image_is_created_by_opening_and_not_by_checking)
{
	temp_dir const dir;
	EXPECT_EQ(checked(dir / "image"), "fine");
	EXPECT_FALSE(std::filesystem::exists(dir / "image"));
	EXPECT_EQ(opened(dir / "image"), "fine");
	EXPECT_EQ(std::filesystem::file_size(dir / "image"), 0x1010u);
}

TEST(open_device, a_missing_image_is_refused_by_both_unless_it_is_to_be_made)
{
	temp_dir const dir;
	auto const reason = "opening " + dir / "image"
		+ ": no such device or file; a file is made only with \"create\": true (--create-file)";
	EXPECT_EQ(text_of(check_target(dir / "image", two_extents())), reason);
	EXPECT_EQ(text_of(open_target(dir / "image", two_extents(), names)), reason);
	EXPECT_FALSE(std::filesystem::exists(dir / "image"));
}

TEST(open_device, an_image_that_exists_is_extended_by_opening_and_not_by_checking)
{
	temp_dir const dir;
	write_file(dir / "image", "abc");
	EXPECT_EQ(checked(dir / "image"), "fine");
	EXPECT_EQ(std::filesystem::file_size(dir / "image"), 3u);
	EXPECT_EQ(opened(dir / "image"), "fine");
	EXPECT_EQ(std::filesystem::file_size(dir / "image"), 0x1010u);
}

TEST(open_device, a_folder_gets_its_files_by_opening_and_not_by_checking)
{
	temp_dir const dir;
	EXPECT_EQ(checked(dir.path()), "fine");
	EXPECT_TRUE(std::filesystem::is_empty(dir.path()));
	EXPECT_EQ(opened(dir.path()), "fine");
	EXPECT_EQ(std::filesystem::file_size(dir / "0x00001000"), 0x10u);
	EXPECT_EQ(checked(dir.path()), "fine");
}

TEST(open_device, a_folder_that_holds_something_else_is_refused_by_both)
{
	temp_dir const dir;
	write_file(dir / "0x5000", "abc");
	auto const reason = "opening " + dir.path().string()
		+ ": it holds \"0x5000\", and the torrent has no file at that offset";
	EXPECT_EQ(checked(dir.path()), reason);
	EXPECT_EQ(opened(dir.path()), reason);
	EXPECT_FALSE(std::filesystem::exists(dir / "0x00000000"));
}

TEST(open_device, a_path_below_dev_that_does_not_exist_is_never_created)
{
	temp_dir const dir;
	std::filesystem::create_directory_symlink("/dev", dir / "devices");
	for (auto const& path :
		{std::string("/dev/rawswarm-missing"), std::string("/dev/../dev/rawswarm-missing"),
			std::string("/dev/shm/rawswarm-missing"), dir / "devices/rawswarm-missing"})
	{
		EXPECT_EQ(checked(path), "opening " + path + ": No such file or directory");
		EXPECT_EQ(opened(path), "opening " + path + ": No such file or directory");
		EXPECT_FALSE(std::filesystem::remove(path)) << path;
	}
}

TEST(open_device, nothing_is_created_through_a_link_to_nothing)
{
	temp_dir const dir;
	std::filesystem::create_symlink("/dev/rawswarm-missing", dir / "disk");
	std::filesystem::create_symlink(dir / "missing", dir / "image");
	for (auto const& path : {dir / "disk", dir / "image"})
	{
		EXPECT_EQ(checked(path), "opening " + path + ": No such file or directory");
		EXPECT_EQ(opened(path), "opening " + path + ": No such file or directory");
	}
	EXPECT_FALSE(std::filesystem::remove("/dev/rawswarm-missing"));
	EXPECT_FALSE(std::filesystem::exists(dir / "missing"));
}

TEST(open_device, a_missing_folder_is_named_and_not_created)
{
	temp_dir const dir;
	EXPECT_EQ(checked(dir / "no/image"), "creating " + dir / "no/image" + ": No such file or directory");
	EXPECT_EQ(opened(dir / "no/image"), "creating " + dir / "no/image" + ": No such file or directory");
	EXPECT_FALSE(std::filesystem::exists(dir / "no"));
}

TEST(open_device, a_path_to_neither_device_file_nor_folder_is_refused)
{
	temp_dir const dir;
	ASSERT_EQ(::mkfifo((dir / "fifo").c_str(), 0600), 0);
	std::string const rest = ", and neither a block device, an image file nor a folder";
	for (auto const& refused : {opened(dir / "fifo"), checked(dir / "fifo"), source(dir / "fifo")})
	{
		EXPECT_EQ(refused, "opening " + dir / "fifo" + ": a fifo" + rest);
	}
	for (auto const& refused : {opened("/dev/null"), checked("/dev/null"), source("/dev/null")})
	{
		EXPECT_EQ(refused, "opening /dev/null: a character device" + rest);
	}
}

TEST(open_device, a_source_is_an_image_or_a_folder_and_opened_for_reading_alone)
{
	temp_dir const dir;
	write_file(dir / "image", "abc");
	write_file(dir / "folder/0x10", "abc");
	for (auto const& path : {dir / "image", dir / "folder"})
	{
		auto const device = open_source(path);
		ASSERT_TRUE(device) << device.error().text;
		char byte = 'x';
		iovec const buffer{&byte, 1};
		auto const offset = device.value()->size() - 1;
		EXPECT_TRUE(device.value()->read(device_offset{offset}, {&buffer, 1}));
		EXPECT_EQ(byte, 'c');
		EXPECT_FALSE(device.value()->write(device_offset{offset}, {&buffer, 1}));
	}
	EXPECT_EQ(read_file(dir / "image"), "abc");
	EXPECT_EQ(read_file(dir / "folder/0x10"), "abc");
}

TEST(open_device, a_missing_source_is_named_and_not_created)
{
	temp_dir const dir;
	EXPECT_EQ(source(dir / "no"), "opening " + dir / "no" + ": No such file or directory");
	EXPECT_EQ(source(""), "opening : No such file or directory");
	EXPECT_TRUE(std::filesystem::is_empty(dir.path()));
}

} // namespace rawswarm
