// SPDX-License-Identifier: BSD-3-Clause
#include "agent/source_map/smallest_disk.hpp"
#include "tests/support/base/child_process.hpp"
#include "tests/support/base/skip.hpp"
#include "tests/support/base/temp_dir.hpp"
#include "tests/support/base/value_of.hpp"
#include "tests/support/machine/disk_partitions.hpp"

#include <gtest/gtest.h>

#include <string>

namespace rawswarm
{
namespace
{

constexpr std::uint64_t mib = 1024 * 1024;
constexpr std::uint64_t disk_size = 64 * mib;
constexpr std::uint64_t copy = 33 * 512; // of a GPT

class smallest : public ::testing::Test
{
protected:
	void make(std::string const& script)
	{
		test::write_sparse_file(m_disk, disk_size);
		test::run_sfdisk(m_disk, script);
	}

	// A file system of this size, at this place.
	void format(std::uint64_t const offset, std::string const& size)
	{
		test::write_sparse_file(m_dir / "fs", 40 * mib);
		test::run_checked({"mkfs.ext4", "-q", "-F", m_dir / "fs", size});
		test::write_at(m_disk, offset, test::read_at(m_dir / "fs", 0, mib));
	}

	// For an image that has these ranges, and the copy of a GPT in its last block.
	std::uint64_t size(std::vector<byte_range> taken = {{{0}, mib}})
	{
		taken.push_back({{disk_size - 32768}, 32768});
		auto const found = test::value_of(find_smallest_disk({m_disk, disk_size, 512, taken}));
		EXPECT_TRUE(found);
		return found ? found->size : 0;
	}

	test::temp_dir m_dir;
	std::string m_disk = m_dir / "disk";
};

TEST_F(smallest, ends_with_the_file_system_of_the_last_partition)
{
	SKIP_WITHOUT("sfdisk");
	SKIP_WITHOUT("mkfs.ext4");
	make("label: gpt\nsize=8M\nsize=40M\n");
	format(9 * mib, "20M");
	EXPECT_EQ(size(), 29 * mib + copy);
	format(9 * mib, "40M");
	EXPECT_EQ(size(), 49 * mib + copy) << "the file system fills its partition";
	EXPECT_EQ(size({{{0}, 60 * mib}}), 60 * mib + copy) << "the image has more";
}

TEST_F(smallest, is_no_larger_than_the_source)
{
	SKIP_WITHOUT("sfdisk");
	make("label: gpt\nsize=8M\nstart=18432, size=112607\n"); // up to the last sector that it may have
	auto const all = test::value_of(find_smallest_disk({m_disk, disk_size, 512, {{{0}, disk_size}}}));
	ASSERT_TRUE(all);
	EXPECT_EQ(all->size, disk_size);
}

TEST_F(smallest, leaves_a_mib_of_a_partition_that_is_empty)
{
	SKIP_WITHOUT("sfdisk");
	make("label: gpt\nsize=8M\nsize=40M\n");
	EXPECT_EQ(size(), 10 * mib + copy);
	EXPECT_EQ(size({{{0}, mib}, {{20 * mib}, 16384}}), 49 * mib + copy) << "something is in it";
}

TEST_F(smallest, keeps_a_partition_of_which_nobody_knows_what_it_uses)
{
	SKIP_WITHOUT("sfdisk");
	SKIP_WITHOUT("mkswap");
	make("label: gpt\nsize=8M\nsize=40M\n");
	test::write_sparse_file(m_dir / "swap", 40 * mib);
	test::run_checked({"mkswap", m_dir / "swap"});
	test::write_at(m_disk, 9 * mib, test::read_at(m_dir / "swap", 0, 65536));
	EXPECT_EQ(size({{{0}, 9 * mib + 65536}}), 49 * mib + copy);
}

TEST_F(smallest, keeps_all_partitions_but_that_which_lies_last)
{
	SKIP_WITHOUT("sfdisk");
	SKIP_WITHOUT("mkfs.ext4");
	make("label: gpt\nstart=61440, size=20M\nstart=2048, size=20M\n");
	format(mib, "8M");
	EXPECT_EQ(size({{{0}, 2 * mib}}), 31 * mib + copy) << "the first one lies last, and is empty";
}

TEST_F(smallest, has_no_copy_behind_an_mbr_whose_logical_partitions_stay)
{
	SKIP_WITHOUT("sfdisk");
	SKIP_WITHOUT("mkfs.ext4");
	make("label: dos\nsize=8M\nsize=40M\n");
	format(9 * mib, "20M");
	auto const of = [this](std::vector<byte_range> const& taken) {
		return test::value_of(find_smallest_disk({m_disk, disk_size, 512, taken}));
	};
	EXPECT_EQ(of({{{0}, 10 * mib}})->size, 29 * mib);
	EXPECT_FALSE(of({{{0}, 10 * mib}})->ends);
	EXPECT_EQ(of({{{0}, disk_size}})->size, disk_size);
	make("label: dos\nsize=8M\nsize=40M, type=5\n5 : size=20M\n");
	EXPECT_EQ(of({{{0}, mib}})->size, 49 * mib);
}

TEST_F(smallest, is_nothing_without_a_partition_table)
{
	SKIP_WITHOUT("mkfs.ext4");
	test::write_sparse_file(m_disk, disk_size);
	EXPECT_FALSE(test::value_of(find_smallest_disk({m_disk, disk_size, 512, {{{0}, mib}}})));
	format(0, "20M");
	EXPECT_FALSE(test::value_of(find_smallest_disk({m_disk, disk_size, 512, {{{0}, mib}}})));
}

} // namespace
} // namespace rawswarm
