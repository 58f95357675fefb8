// SPDX-License-Identifier: BSD-3-Clause
#include "agent/source_map/file_system_size.hpp"
#include "tests/support/base/child_process.hpp"
#include "tests/support/base/skip.hpp"
#include "tests/support/base/temp_dir.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace rawswarm
{
namespace
{

constexpr std::uint64_t mib = 1024 * 1024;
constexpr std::uint64_t file_size = 512 * mib;

// What the superblock says that these commands have left on a file.
class file_system_sizes : public ::testing::Test
{
protected:
	std::optional<std::uint64_t> after(
		std::string const& type, std::vector<std::vector<std::string>> commands)
	{
		test::write_sparse_file(m_file, file_size);
		for (auto& command : commands)
		{
			for (auto& word : command)
			{
				word = word == "FILE" ? m_file : word;
			}
			test::run_checked(command);
		}
		return file_system_size(type, test::read_at(m_file, 0, superblock_reach));
	}

	test::temp_dir m_dir;
	std::string m_file = m_dir / "image";
};

TEST_F(file_system_sizes, of_ext_are_those_that_resize2fs_has_left)
{
	SKIP_WITHOUT("mkfs.ext4");
	SKIP_WITHOUT("resize2fs");
	EXPECT_EQ(after("ext4", {{"mkfs.ext4", "-q", "-F", "FILE"}}), file_size);
	EXPECT_EQ(after("ext4", {{"mkfs.ext4", "-q", "-F", "FILE"}, {"resize2fs", "FILE", "200M"}}), 200 * mib);
	EXPECT_EQ(
		after("ext4", {{"mkfs.ext4", "-q", "-F", "-O", "64bit", "-b", "1024", "FILE", "123M"}}), 123 * mib);
	EXPECT_EQ(after("ext2", {{"mkfs.ext2", "-q", "-F", "FILE", "50M"}}), 50 * mib);
	EXPECT_EQ(after("ext3", {{"mkfs.ext3", "-q", "-F", "FILE", "70M"}}), 70 * mib);
}

TEST_F(file_system_sizes, of_xfs_are_those_of_its_data)
{
	SKIP_WITHOUT("mkfs.xfs");
	EXPECT_EQ(after("xfs", {{"mkfs.xfs", "-q", "-d", "size=320m", "FILE"}}), 320 * mib);
}

TEST_F(file_system_sizes, of_btrfs_are_those_of_the_device)
{
	SKIP_WITHOUT("mkfs.btrfs");
	EXPECT_EQ(after("btrfs", {{"mkfs.btrfs", "-q", "-b", "300M", "FILE"}}), 300 * mib);
}

TEST_F(file_system_sizes, of_fat_are_those_of_its_boot_sector)
{
	SKIP_WITHOUT("mkfs.vfat");
	EXPECT_EQ(after("vfat", {{"mkfs.vfat", "-a", "-F", "32", "FILE", "100000"}}), 100000 * 1024);
	EXPECT_EQ(after("vfat", {{"mkfs.vfat", "-a", "-S", "4096", "FILE", "400000"}}), 400000 * 1024);
	EXPECT_EQ(after("vfat", {{"mkfs.vfat", "-a", "-F", "12", "FILE", "2000"}}), 2000 * 1024);
}

TEST_F(file_system_sizes, of_exfat_are_those_of_its_boot_sector)
{
	SKIP_WITHOUT("mkfs.exfat");
	EXPECT_EQ(after("exfat", {{"mkfs.exfat", "FILE"}}), file_size);
}

TEST_F(file_system_sizes, of_ntfs_have_the_copy_of_its_boot_sector_in_them)
{
	SKIP_WITHOUT("mkfs.ntfs");
	SKIP_WITHOUT("ntfsresize");
	EXPECT_EQ(after("ntfs", {{"mkfs.ntfs", "-q", "-F", "-f", "-s", "512", "FILE"}}), file_size);
	auto const shrunk = after("ntfs",
		{{"mkfs.ntfs", "-q", "-F", "-f", "-s", "512", "FILE"},
			{"ntfsresize", "-P", "-f", "-f", "--size", "200M", "FILE"}});
	ASSERT_TRUE(shrunk);
	EXPECT_LE(*shrunk, 200'000'000U);
	EXPECT_GT(*shrunk, 199 * 1000'000U);
}

TEST(file_system_size, of_anything_else_is_not_known)
{
	std::string const zeros(superblock_reach, '\0');
	for (auto const* const type : {"ext4", "xfs", "btrfs", "vfat", "exfat"})
	{
		EXPECT_FALSE(file_system_size(type, zeros)) << type;
		EXPECT_FALSE(file_system_size(type, {})) << type;
	}
	std::string const ones(superblock_reach, '\xff');
	for (auto const* const type : {"ext4", "xfs", "btrfs", "exfat", "ntfs"})
	{
		auto const size = file_system_size(type, ones);
		EXPECT_FALSE(size) << type << ": " << size.value_or(0);
	}
	EXPECT_FALSE(file_system_size("swap", ones));
	EXPECT_FALSE(file_system_size("", ones));
}

// Not that of the copy of its boot sector alone.
TEST(file_system_size, of_ntfs_that_says_nothing_of_its_sectors_is_not_known)
{
	constexpr std::size_t bytes_of_sector_at = 0x0b;
	std::string boot_sector(superblock_reach, '\0');
	boot_sector.replace(bytes_of_sector_at, 2, std::string("\0\2", 2));
	EXPECT_FALSE(file_system_size("ntfs", boot_sector));
	// A first sector that is cut off before the number.
	EXPECT_FALSE(file_system_size("ntfs", std::string_view(boot_sector).substr(0, 0x20)));
}

} // namespace
} // namespace rawswarm
