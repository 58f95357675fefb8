// SPDX-License-Identifier: BSD-3-Clause
// Partition tables on real block devices, as other programs and the kernel see them.

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

#include <filesystem>
#include <fstream>
#include <regex>
#include <string>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

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

constexpr std::uint64_t mebibyte = 1024 * 1024;

constexpr char const* mbr = R"(label: dos
label-id: 0xdeadbeef
size=16M, type=c, bootable
size=64M, type=5
type=82
5 : size=16M, type=83
6 : size=16M
)";

// The table that sfdisk reads, without the name of the disk.
std::string dump_of(std::string const& disk)
{
	return std::regex_replace(run_checked({"sfdisk", "--dump", disk}), std::regex(disk), "");
}

std::string probed(std::string const& device, std::string const& tag)
{
	return run_checked({"blkid", "--probe", "--output", "value", "--match-tag", tag, device});
}

// In the three partitions of gpt_script.
void make_file_systems(std::string const& disk)
{
	run_checked({"mkfs.vfat", disk + "p1"});
	run_checked({"mke2fs", "-q", "-t", "ext4", disk + "p2"});
	run_checked({"mkswap", disk + "p3"});
}

void expect_file_systems(std::string const& disk)
{
	run_checked({"fsck.vfat", "-n", disk + "p1"});
	run_checked({"e2fsck", "-f", "-n", disk + "p2"});
	EXPECT_EQ(probed(disk + "p3", "TYPE"), "swap");
}

// Writes the table and wipes nothing in its partitions.
partition_table write_and_keep(std::string const& disk, std::string const& script)
{
	auto plan = value_of(plan_partition_table(disk, script));
	plan.wipe = false;
	auto const written = write_partition_table(disk, plan, time_to_reread, [] {});
	EXPECT_TRUE(written) << written.error().text;
	return plan.table;
}

} // namespace

TEST(partition_tables, an_empty_disk_gets_partitions_that_hold_file_systems)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	SKIP_WITHOUT("sgdisk");
	SKIP_WITHOUT("mkfs.vfat");
	for (auto const& kind : disk_kinds)
	{
		loop_device const disk(disk_size, kind);
		auto const table = write_script(disk.path(), gpt_script);
		EXPECT_EQ(sgdisk_verdict(disk.path()), "clean");
		EXPECT_EQ(known_partitions(disk.path()), partitions_of(table));
		ASSERT_EQ(table.partitions.size(), 3u);
		for (auto const& part : table.partitions)
		{
			auto const device = disk.path() + "p" + std::to_string(part.number);
			EXPECT_EQ(probed(device, "PART_ENTRY_UUID"), part.uuid);
			EXPECT_EQ(part.uuid, "aaaaaaaa-0000-0000-0000-00000000000" + std::to_string(part.number));
		}
		EXPECT_EQ(table.partitions[1].length, 32 * mebibyte);
		make_file_systems(disk.path());
		expect_file_systems(disk.path());
		EXPECT_EQ(sgdisk_verdict(disk.path()), "clean");
		EXPECT_TRUE(value_of(plan_partition_table(disk.path(), gpt_script)).already_there);
	}
}

// A machine may be imaged again after it had another layout, or had lost its table, by a job that keeps what
// lies in partitions.
TEST(partition_tables, file_systems_outlive_a_table_that_is_lost_and_written_again)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	SKIP_WITHOUT("sgdisk");
	SKIP_WITHOUT("mkfs.vfat");
	for (auto const& kind : disk_kinds)
	{
		loop_device const disk(disk_size, kind);
		auto const table = write_and_keep(disk.path(), gpt_script);
		make_file_systems(disk.path());
		write_and_keep(disk.path(), "label: dos\nsize=3M\n");
		run_checked({"wipefs", "--all", "--force", disk.path()});
		EXPECT_EQ(write_and_keep(disk.path(), gpt_script), table);
		expect_file_systems(disk.path());
	}
}

TEST(partition_tables, what_is_written_is_what_sfdisk_writes)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	SKIP_WITHOUT("sfdisk");
	for (std::string const script : {gpt_script, mbr,
			 "label: gpt\nlabel-id: 11111111-2222-3333-4444-555555555555\n"
			 "2 : start=40, size=1000, type=L, uuid=AAAAAAAA-0000-0000-0000-000000000002, attrs=\"GUID:59\"\n"
			 "4 : start=8192, size=5000K, type=H, uuid=AAAAAAAA-0000-0000-0000-000000000004\n"
			 "size=+, type=V, uuid=AAAAAAAA-0000-0000-0000-000000000001\n",
			 "label: dos\nlabel-id: 12345678\nstart=8192, size=4096, type=linux\n,8M,S\n,16M,E\n,,L,*\n"})
	{
		for (int const sector_size : {512, 4096})
		{
			loop_device const ours(disk_size, {.sector_size = sector_size});
			loop_device const theirs(disk_size, {.sector_size = sector_size});
			auto const first_lba = script.find("start=40") == std::string::npos || sector_size == 4096
				? std::string()
				: "first-lba: 34\n";
			auto text = script;
			text.insert(text.find('\n') + 1, first_lba);
			test::child_options sfdisk;
			sfdisk.argv = {"sfdisk", "--no-tell-kernel", theirs.path()};
			sfdisk.stdin_text = text;
			auto const done = test::run(sfdisk);
			auto const plan = plan_partition_table(ours.path(), text);
			ASSERT_EQ(done.exit_code == 0, plan.has_value())
				<< text << done.err << (plan ? "" : plan.error().text);
			EXPECT_TRUE(plan || sector_size == 4096) << text;
			if (plan)
			{
				write_script(ours.path(), text);
				EXPECT_EQ(dump_of(ours.path()), dump_of(theirs.path()));
				EXPECT_TRUE(value_of(plan_partition_table(theirs.path(), text)).already_there);
			}
		}
	}
}

TEST(partition_tables, a_dump_of_another_disk_makes_the_same_partitions)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	SKIP_WITHOUT("sgdisk");
	for (std::string const script : {gpt_script, mbr})
	{
		loop_device const origin(disk_size);
		auto const table = write_script(origin.path(), script);
		auto const dump = run_checked({"sfdisk", "--dump", origin.path()});
		loop_device const larger(2 * disk_size);
		EXPECT_EQ(write_script(larger.path(), dump), table);
		EXPECT_EQ(known_partitions(larger.path()).size(), table.partitions.size());
		if (table.kind == "gpt")
		{
			EXPECT_EQ(sgdisk_verdict(larger.path()), "clean");
		}
		loop_device const smaller(disk_size - mebibyte);
		auto const plan = plan_partition_table(smaller.path(), dump);
		ASSERT_FALSE(plan);
		EXPECT_EQ(plan.error().kind, fault::target) << plan.error().text;
	}
}

TEST(partition_tables, an_old_table_goes_with_its_partitions)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	SKIP_WITHOUT("sgdisk");
	for (auto const& kind : disk_kinds)
	{
		loop_device const disk(disk_size, kind);
		auto const old = write_script(disk.path(), mbr);
		auto known = partitions_of(old);
		ASSERT_EQ(known.size(), 5u);
		auto shown = known_partitions(disk.path());
		known[2].second =
			shown[2].second; // the kernel exposes only the first sectors of an extended partition
		EXPECT_LE(shown[2].second, 4096u);
		EXPECT_EQ(shown, known);

		auto const replaced = write_script(disk.path(), gpt_script);
		EXPECT_EQ(known_partitions(disk.path()), partitions_of(replaced));
		EXPECT_EQ(sgdisk_verdict(disk.path()), "clean");

		auto const smaller = write_script(disk.path(), "label: gpt\nsize=20M\n");
		EXPECT_EQ(known_partitions(disk.path()), partitions_of(smaller));
		EXPECT_EQ(sgdisk_verdict(disk.path()), "clean");

		write_script(disk.path(), mbr);
		EXPECT_EQ(known_partitions(disk.path()), known);
		EXPECT_EQ(probed(disk.path(), "PTTYPE"), "dos");
	}
}

TEST(partition_tables, a_disk_with_a_mounted_partition_is_left_alone)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	loop_device const disk(disk_size);
	auto const table = write_script(disk.path(), gpt_script);
	run_checked({"mke2fs", "-q", "-t", "ext2", disk.path() + "p2"});
	auto const plan = value_of(plan_partition_table(disk.path(), mbr));
	scoped_mount const mount(disk.path() + "p2", "ext2");
	int changes = 0;
	auto const written = write_partition_table(disk.path(), plan, time_to_reread, [&] { ++changes; });
	ASSERT_FALSE(written);
	EXPECT_EQ(written.error().kind, fault::target);
	EXPECT_EQ(written.error().text,
		"partitioning " + disk.path() + ": in use, its partition "
			+ std::filesystem::path(disk.path()).filename().string() + "p2 is mounted on " + mount.path());
	EXPECT_EQ(changes, 0);
	EXPECT_EQ(value_of(read_partition_table(disk.path())), table);
	auto const moved = move_backup_gpt(disk.path());
	ASSERT_FALSE(moved);
	EXPECT_EQ(moved.error().kind, fault::target);
}

TEST(partition_tables, a_disk_that_somebody_else_claimed_is_left_alone)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	loop_device const disk(disk_size);
	auto const plan = value_of(plan_partition_table(disk.path(), gpt_script));
	unique_fd const claim(::open(disk.path().c_str(), O_RDWR | O_EXCL | O_CLOEXEC));
	ASSERT_TRUE(claim);
	auto const written = write_partition_table(disk.path(), plan, time_to_reread, [] {});
	ASSERT_FALSE(written);
	EXPECT_EQ(written.error().kind, fault::target);
	EXPECT_TRUE(written.error().text.starts_with("partitioning " + disk.path() + ": in use, open in "));
	EXPECT_FALSE(value_of(read_partition_table(disk.path())));
}

TEST(partition_tables, a_read_only_disk_and_a_partition_are_refused)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	loop_device const read_only(disk_size, {.read_only = true});
	auto const plan = value_of(plan_partition_table(read_only.path(), gpt_script));
	auto const written = write_partition_table(read_only.path(), plan, time_to_reread, [] {});
	ASSERT_FALSE(written);
	EXPECT_EQ(written.error().kind, fault::target);
	EXPECT_EQ(written.error().text, "partitioning " + read_only.path() + ": read-only");

	loop_device const disk(disk_size);
	write_script(disk.path(), gpt_script);
	auto const nested = plan_partition_table(disk.path() + "p1", gpt_script);
	ASSERT_FALSE(nested);
	EXPECT_EQ(nested.error().text, "partitioning " + disk.path() + "p1: a partition and no disk");
}

// The file system below is full: the write succeeds, and its write-back fails.
TEST(partition_tables, a_table_that_does_not_reach_the_disk_is_an_error)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	test::scoped_tmpfs const memory(mebibyte);
	test::write_sparse_file(memory / "disk", disk_size);
	loop_device const disk(memory / "disk");
	auto const plan = value_of(plan_partition_table(disk.path(), gpt_script));
	std::ofstream filler(memory / "filler");
	while (filler << std::string(4096, 'x') << std::flush)
	{}
	auto const written = write_partition_table(disk.path(), plan, time_to_reread, [] {});
	ASSERT_FALSE(written);
	EXPECT_EQ(written.error().kind, fault::device) << written.error().text;
}

} // namespace rawswarm
