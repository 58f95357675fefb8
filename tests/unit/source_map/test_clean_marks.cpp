// SPDX-License-Identifier: BSD-3-Clause
#include "agent/source_map/clean_marks.hpp"
#include "tests/support/base/child_process.hpp"
#include "tests/support/base/skip.hpp"
#include "tests/support/base/temp_dir.hpp"

#include <gtest/gtest.h>

#include <string>

namespace rawswarm
{

namespace
{

constexpr std::uint64_t mib = 1024 * 1024;
constexpr char const* not_clean = "it was not unmounted cleanly";

// The beginning of a file system that mkfs has made.
std::string made_by(std::vector<std::string> command, std::uint64_t const size)
{
	test::temp_dir const dir;
	test::write_sparse_file(dir / "image", size);
	command.push_back(dir / "image");
	test::run_checked(command);
	return test::read_at(dir / "image", 0, marks_reach);
}

std::string with_byte(std::string bytes, std::size_t const at, int const value)
{
	bytes.at(at) = static_cast<char>(value);
	return bytes;
}

TEST(clean_marks, of_fat_are_a_bit_in_the_boot_sector_and_one_in_the_table)
{
	SKIP_WITHOUT("mkfs.vfat");
	struct kind_of_fat
	{
		char const* bits;
		std::uint64_t size;
		std::size_t state; // of the boot sector
		std::size_t flags; // the high byte of the second entry
		int dirty;
	};
	for (auto const& kind :
		{kind_of_fat{"16", 32 * mib, 0x25, 3, 0x7f}, kind_of_fat{"32", 64 * mib, 0x41, 7, 0x07}})
	{
		auto const start = made_by({"mkfs.vfat", "-F", kind.bits}, kind.size);
		EXPECT_EQ(reason_against_fat(start), "") << kind.bits;
		EXPECT_EQ(reason_against_fat(with_byte(start, kind.state, 1)), not_clean) << kind.bits;
		auto const table = static_cast<std::size_t>(static_cast<unsigned char>(start[0x0e])) * 512;
		EXPECT_EQ(reason_against_fat(with_byte(start, table + kind.flags, kind.dirty)), not_clean)
			<< kind.bits;
	}
	auto const fat12 = made_by({"mkfs.vfat", "-F", "12"}, 2 * mib);
	EXPECT_EQ(reason_against_fat(fat12), "") << "its second entry has no flags";
}

TEST(clean_marks, of_exfat_are_the_flags_of_the_volume)
{
	SKIP_WITHOUT("mkfs.exfat");
	auto const start = made_by({"mkfs.exfat"}, 64 * mib);
	EXPECT_EQ(reason_against_exfat(start), "");
	EXPECT_EQ(reason_against_exfat(with_byte(start, 106, 2)), not_clean);
}

TEST(clean_marks, of_btrfs_are_its_log_and_the_number_of_its_devices)
{
	SKIP_WITHOUT("mkfs.btrfs");
	auto const start = made_by({"mkfs.btrfs", "-q"}, 128 * mib);
	EXPECT_EQ(reason_against_btrfs(start), "");
	EXPECT_EQ(reason_against_btrfs(with_byte(start, 0x10060, 1)), "its log is still to be replayed");
	EXPECT_EQ(reason_against_btrfs(with_byte(start, 0x10088, 2)), "it spans several devices");
}

TEST(clean_marks, bytes_that_are_cut_off_are_read_as_zeros)
{
	EXPECT_EQ(reason_against_fat({}), "");
	EXPECT_EQ(reason_against_exfat({}), "");
	EXPECT_EQ(reason_against_btrfs({}), "");
}

} // namespace

} // namespace rawswarm
