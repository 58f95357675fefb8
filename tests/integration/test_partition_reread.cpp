// SPDX-License-Identifier: BSD-3-Clause
// A table that came with the image of a whole disk: the kernel is made to know its partitions, and the backup
// GPT is moved to the end.

#include "agent/machine/partition_table.hpp"
#include "base/unique_fd.hpp"
#include "tests/support/base/child_process.hpp"
#include "tests/support/base/skip.hpp"
#include "tests/support/base/temp_dir.hpp"
#include "tests/support/base/value_of.hpp"
#include "tests/support/device/loop_device.hpp"
#include "tests/support/machine/disk_partitions.hpp"
#include "tests/support/machine/partitioned_disk.hpp"

#include <gtest/gtest.h>

#include <string>

#include <fcntl.h>

namespace rawswarm
{

namespace
{

using test::disk_kinds;
using test::disk_size;
using test::gpt_script;
using test::known_partitions;
using test::loop_device;
using test::partitions_of;
using test::run_checked;
using test::scoped_mount;
using test::sgdisk_verdict;
using test::time_to_reread;
using test::value_of;
using test::write_script;

} // namespace

TEST(partition_reread, an_image_of_a_smaller_disk_is_known_and_reaches_the_end)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	SKIP_WITHOUT("sgdisk");
	for (auto const& kind : disk_kinds)
	{
		loop_device const smaller(disk_size, kind);
		auto const table = write_script(smaller.path(), gpt_script);
		loop_device const larger(2 * disk_size, kind);
		run_checked({"dd", "if=" + smaller.path(), "of=" + larger.path(), "bs=1M", "conv=fsync,notrunc"});
		EXPECT_NE(sgdisk_verdict(larger.path()), "clean");
		auto const reread = reread_partition_table(larger.path(), time_to_reread);
		ASSERT_TRUE(reread) << reread.error().text;
		EXPECT_EQ(known_partitions(larger.path()), partitions_of(table));

		EXPECT_TRUE(value_of(move_backup_gpt(larger.path())));
		EXPECT_EQ(sgdisk_verdict(larger.path()), "clean");
		EXPECT_EQ(value_of(read_partition_table(larger.path())), table);
		auto const grown = value_of(plan_partition_table(larger.path(), std::string(gpt_script))).table;
		EXPECT_EQ(grown.partitions[2].offset, table.partitions[2].offset);
		EXPECT_EQ(grown.partitions[2].length, table.partitions[2].length + disk_size);
	}
}

TEST(partition_reread, a_disk_whose_table_is_gone_has_no_partitions)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	for (auto const& kind : disk_kinds)
	{
		loop_device const disk(disk_size, kind);
		write_script(disk.path(), gpt_script);
		EXPECT_EQ(known_partitions(disk.path()).size(), 3u);
		run_checked({"wipefs", "--all", "--force", disk.path()});
		auto const reread = reread_partition_table(disk.path(), time_to_reread);
		ASSERT_TRUE(reread) << reread.error().text;
		EXPECT_TRUE(known_partitions(disk.path()).empty());
	}
}

TEST(partition_reread, a_partition_that_stays_may_be_in_use_and_one_that_goes_may_not)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	SKIP_WITHOUT("sfdisk");
	loop_device const disk(disk_size);
	auto const table = write_script(disk.path(), gpt_script);
	run_checked({"mke2fs", "-q", "-t", "ext2", disk.path() + "p2"});
	{
		scoped_mount const mount(disk.path() + "p2", "ext2");
		run_checked({"sfdisk", "--no-reread", "--no-tell-kernel", "--delete", disk.path(), "3"});
		auto const reread = reread_partition_table(disk.path(), time_to_reread);
		ASSERT_TRUE(reread) << reread.error().text;
		auto wanted = partitions_of(table);
		wanted.erase(3);
		EXPECT_EQ(known_partitions(disk.path()), wanted);

		run_checked({"sfdisk", "--no-reread", "--no-tell-kernel", "--delete", disk.path(), "2"});
		auto const again = reread_partition_table(disk.path(), std::chrono::milliseconds(50));
		ASSERT_FALSE(again);
		EXPECT_EQ(again.error().kind, fault::target);
		EXPECT_EQ(again.error().text,
			"partitions of " + disk.path() + ": " + disk.path()
				+ "p2, which the table has no more, is in use, mounted on " + mount.path());
	}
	ASSERT_TRUE(reread_partition_table(disk.path(), time_to_reread));
	EXPECT_EQ(known_partitions(disk.path()).size(), 1u);
}

// The agent keeps a disk that it has imaged open, to seed from it.
TEST(partition_reread, a_disk_that_is_open_elsewhere_can_be_reread)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	test::temp_dir const dir;
	test::write_sparse_file(dir / "image", disk_size);
	auto const plan = value_of(plan_partition_table(dir / "image", gpt_script));
	ASSERT_TRUE(write_partition_table(dir / "image", plan, time_to_reread, [] {}));
	for (bool const partition_scan : {false, true})
	{
		loop_device const disk(disk_size, {.partition_scan = partition_scan});
		run_checked({"dd", "if=" + (dir / "image"), "of=" + disk.path(), "bs=1M", "conv=fsync,notrunc"});
		unique_fd const claim(::open(disk.path().c_str(), O_RDWR | O_EXCL | O_CLOEXEC));
		auto const reread = reread_partition_table(disk.path(), time_to_reread);
		ASSERT_TRUE(reread) << reread.error().text;
		EXPECT_EQ(known_partitions(disk.path()), partitions_of(plan.table));
	}
}

} // namespace rawswarm
