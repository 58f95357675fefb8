// Partition tables on real block devices: what other programs say of them, and what the kernel knows.

#include "agent/kernel_partitions.hpp"
#include "agent/partition_table.hpp"
#include "storage/unique_fd.hpp"
#include "tests/support/child_process.hpp"
#include "tests/support/loop_device.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/support/value_of.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <string>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

namespace rawswarm
{

namespace
{

using test::loop_device;
using test::loop_options;
using test::run_checked;
using test::scoped_mount;
using test::value_of;

constexpr std::uint64_t mebibyte = 1024 * 1024;
constexpr std::uint64_t disk_size = 128 * mebibyte;
constexpr std::chrono::milliseconds wait{10'000};

constexpr char const* gpt = R"(label: gpt
label-id: 11111111-2222-3333-4444-ABCDEFABCDEF
size=40M, type=uefi, uuid=AAAAAAAA-0000-0000-0000-000000000001, name="EFI system"
size=32M, type=linux, uuid=AAAAAAAA-0000-0000-0000-000000000002, name=root
type=swap, uuid=AAAAAAAA-0000-0000-0000-000000000003
)";

constexpr char const* mbr = R"(label: dos
label-id: 0xdeadbeef
size=16M, type=c, bootable
size=64M, type=5
type=82
5 : size=16M, type=83
6 : size=16M
)";

// In 512-byte sectors and in 4 KiB ones, and read by the kernel itself or not.
std::vector<loop_options> const all_kinds{
	{}, {.sector_size = 4096}, {.partition_scan = true}, {.sector_size = 4096, .partition_scan = true}};

void write(loop_device const& disk, table_plan const& plan)
{
	int changes = 0;
	auto const written = write_partition_table(disk.path(), plan, wait, [&] { ++changes; });
	EXPECT_TRUE(written) << written.error().text;
	EXPECT_EQ(changes, 1);
}

partition_table write(loop_device const& disk, std::string const& script)
{
	auto const plan = value_of(plan_partition_table(disk.path(), script));
	write(disk, plan);
	return plan.table;
}

// Number, offset and length in /sys. All of them have a device of that size.
using known_partitions = std::map<int, std::pair<std::uint64_t, std::uint64_t>>;

known_partitions known_of(loop_device const& disk)
{
	known_partitions known;
	auto const name = std::filesystem::path(disk.path()).filename();
	for (auto const& part : kernel_partitions("/sys/block" / name))
	{
		known[part.number] = {part.offset, part.length};
		EXPECT_EQ(part.node, disk.path() + "p" + std::to_string(part.number));
		EXPECT_EQ(run_checked({"blockdev", "--getsize64", part.node}), std::to_string(part.length));
	}
	return known;
}

known_partitions partitions_of(partition_table const& table)
{
	known_partitions wanted;
	for (auto const& part : table.partitions)
	{
		wanted[part.number] = {part.offset, part.length};
	}
	return wanted;
}

std::string sgdisk_verdict(loop_device const& disk)
{
	auto const checked = test::run({"sgdisk", "--verify", disk.path()});
	bool const is_clean = checked.exit_code == 0 && checked.out.find("No problems found") != std::string::npos
		&& checked.out.find("aution") == std::string::npos && checked.err.empty();
	return is_clean ? "clean" : checked.out + checked.err;
}

// The table that sfdisk reads, without the name of the disk.
std::string dump_of(std::string const& disk)
{
	return std::regex_replace(run_checked({"sfdisk", "--dump", disk}), std::regex(disk), "");
}

std::string probed(std::string const& device, std::string const& tag)
{
	return run_checked({"blkid", "--probe", "--output", "value", "--match-tag", tag, device});
}

#define SKIP_WITHOUT(program) \
	if (!test::program_exists(program)) \
	GTEST_SKIP() << "no " << program

} // namespace

TEST(partition_tables, an_empty_disk_gets_partitions_that_hold_file_systems)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	SKIP_WITHOUT("sgdisk");
	SKIP_WITHOUT("mkfs.vfat");
	for (auto const& kind : all_kinds)
	{
		loop_device const disk(disk_size, kind);
		auto const table = write(disk, gpt);
		EXPECT_EQ(sgdisk_verdict(disk), "clean");
		EXPECT_EQ(known_of(disk), partitions_of(table));
		ASSERT_EQ(table.partitions.size(), 3u);
		for (auto const& part : table.partitions)
		{
			auto const device = disk.path() + "p" + std::to_string(part.number);
			EXPECT_EQ(probed(device, "PART_ENTRY_UUID"), part.uuid);
			EXPECT_EQ(part.uuid, "aaaaaaaa-0000-0000-0000-00000000000" + std::to_string(part.number));
		}
		EXPECT_EQ(table.partitions[1].length, 32 * mebibyte);
		run_checked({"mkfs.vfat", disk.path() + "p1"});
		run_checked({"mke2fs", "-q", "-t", "ext4", disk.path() + "p2"});
		run_checked({"mkswap", disk.path() + "p3"});
		run_checked({"fsck.vfat", "-n", disk.path() + "p1"});
		run_checked({"e2fsck", "-f", "-n", disk.path() + "p2"});
		EXPECT_EQ(probed(disk.path() + "p3", "TYPE"), "swap");
		EXPECT_EQ(sgdisk_verdict(disk), "clean");
		EXPECT_TRUE(value_of(plan_partition_table(disk.path(), gpt)).already_there);
	}
}

TEST(partition_tables, what_is_written_is_what_sfdisk_writes)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	SKIP_WITHOUT("sfdisk");
	for (std::string const script : {gpt, mbr,
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
				write(ours, plan.value());
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
	for (std::string const script : {gpt, mbr})
	{
		loop_device const origin(disk_size);
		auto const table = write(origin, script);
		auto const dump = run_checked({"sfdisk", "--dump", origin.path()});
		loop_device const larger(2 * disk_size);
		EXPECT_EQ(write(larger, dump), table);
		EXPECT_EQ(known_of(larger).size(), table.partitions.size());
		if (table.kind == "gpt")
		{
			EXPECT_EQ(sgdisk_verdict(larger), "clean");
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
	for (auto const& kind : all_kinds)
	{
		loop_device const disk(disk_size, kind);
		auto const old = write(disk, mbr);
		auto known = partitions_of(old);
		ASSERT_EQ(known.size(), 5u);
		auto shown = known_of(disk);
		known[2].second = shown[2].second; // of an extended partition the kernel shows the beginning
		EXPECT_LE(shown[2].second, 4096u);
		EXPECT_EQ(shown, known);

		auto const replaced = write(disk, gpt);
		EXPECT_EQ(known_of(disk), partitions_of(replaced));
		EXPECT_EQ(sgdisk_verdict(disk), "clean");

		auto const smaller = write(disk, "label: gpt\nsize=20M\n");
		EXPECT_EQ(known_of(disk), partitions_of(smaller));
		EXPECT_EQ(sgdisk_verdict(disk), "clean");

		write(disk, mbr);
		EXPECT_EQ(known_of(disk), known);
		EXPECT_EQ(probed(disk.path(), "PTTYPE"), "dos");
	}
}

TEST(partition_tables, a_disk_with_a_mounted_partition_is_left_alone)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	loop_device const disk(disk_size);
	auto const table = write(disk, gpt);
	run_checked({"mke2fs", "-q", "-t", "ext2", disk.path() + "p2"});
	auto const plan = value_of(plan_partition_table(disk.path(), mbr));
	scoped_mount const mount(disk.path() + "p2", "ext2");
	int changes = 0;
	auto const written = write_partition_table(disk.path(), plan, wait, [&] { ++changes; });
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
	auto const plan = value_of(plan_partition_table(disk.path(), gpt));
	unique_fd const claim(::open(disk.path().c_str(), O_RDWR | O_EXCL | O_CLOEXEC));
	ASSERT_TRUE(claim);
	auto const written = write_partition_table(disk.path(), plan, wait, [] {});
	ASSERT_FALSE(written);
	EXPECT_EQ(written.error().kind, fault::target);
	EXPECT_TRUE(written.error().text.starts_with("partitioning " + disk.path() + ": in use, open in "));
	EXPECT_FALSE(value_of(read_partition_table(disk.path())));
}

TEST(partition_tables, a_read_only_disk_and_a_partition_are_refused)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	loop_device const read_only(disk_size, {.read_only = true});
	auto const plan = value_of(plan_partition_table(read_only.path(), gpt));
	auto const written = write_partition_table(read_only.path(), plan, wait, [] {});
	ASSERT_FALSE(written);
	EXPECT_EQ(written.error().kind, fault::target);
	EXPECT_EQ(written.error().text, "partitioning " + read_only.path() + ": read-only");

	loop_device const disk(disk_size);
	write(disk, gpt);
	auto const nested = plan_partition_table(disk.path() + "p1", gpt);
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
	auto const plan = value_of(plan_partition_table(disk.path(), gpt));
	std::ofstream filler(memory / "filler");
	while (filler << std::string(4096, 'x') << std::flush)
	{}
	auto const written = write_partition_table(disk.path(), plan, wait, [] {});
	ASSERT_FALSE(written);
	EXPECT_EQ(written.error().kind, fault::device) << written.error().text;
}

TEST(partition_tables, an_image_of_a_smaller_disk_is_known_and_reaches_the_end)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	SKIP_WITHOUT("sgdisk");
	for (auto const& kind : all_kinds)
	{
		loop_device const smaller(disk_size, kind);
		auto const table = write(smaller, gpt);
		loop_device const larger(2 * disk_size, kind);
		run_checked({"dd", "if=" + smaller.path(), "of=" + larger.path(), "bs=1M", "conv=fsync,notrunc"});
		EXPECT_NE(sgdisk_verdict(larger), "clean");
		auto const reread = reread_partition_table(larger.path(), wait);
		ASSERT_TRUE(reread) << reread.error().text;
		EXPECT_EQ(known_of(larger), partitions_of(table));

		EXPECT_TRUE(value_of(move_backup_gpt(larger.path())));
		EXPECT_EQ(sgdisk_verdict(larger), "clean");
		EXPECT_EQ(value_of(read_partition_table(larger.path())), table);
		auto const grown = value_of(plan_partition_table(larger.path(), std::string(gpt))).table;
		EXPECT_EQ(grown.partitions[2].offset, table.partitions[2].offset);
		EXPECT_EQ(grown.partitions[2].length, table.partitions[2].length + disk_size);
	}
}

TEST(partition_tables, a_disk_whose_table_is_gone_has_no_partitions)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	for (auto const& kind : all_kinds)
	{
		loop_device const disk(disk_size, kind);
		write(disk, gpt);
		EXPECT_EQ(known_of(disk).size(), 3u);
		run_checked({"wipefs", "--all", "--force", disk.path()});
		auto const reread = reread_partition_table(disk.path(), wait);
		ASSERT_TRUE(reread) << reread.error().text;
		EXPECT_TRUE(known_of(disk).empty());
	}
}

TEST(partition_tables, a_partition_that_stays_may_be_in_use_and_one_that_goes_may_not)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	SKIP_WITHOUT("sfdisk");
	loop_device const disk(disk_size);
	auto const table = write(disk, gpt);
	run_checked({"mke2fs", "-q", "-t", "ext2", disk.path() + "p2"});
	{
		scoped_mount const mount(disk.path() + "p2", "ext2");
		run_checked({"sfdisk", "--no-reread", "--no-tell-kernel", "--delete", disk.path(), "3"});
		auto const reread = reread_partition_table(disk.path(), wait);
		ASSERT_TRUE(reread) << reread.error().text;
		auto wanted = partitions_of(table);
		wanted.erase(3);
		EXPECT_EQ(known_of(disk), wanted);

		run_checked({"sfdisk", "--no-reread", "--no-tell-kernel", "--delete", disk.path(), "2"});
		auto const again = reread_partition_table(disk.path(), std::chrono::milliseconds(50));
		ASSERT_FALSE(again);
		EXPECT_EQ(again.error().kind, fault::target);
		EXPECT_EQ(again.error().text,
			"partitions of " + disk.path() + ": " + disk.path()
				+ "p2, which the table has no more, is in use, mounted on " + mount.path());
	}
	ASSERT_TRUE(reread_partition_table(disk.path(), wait));
	EXPECT_EQ(known_of(disk).size(), 1u);
}

// Whoever images a disk seeds from it next, and keeps it open.
TEST(partition_tables, a_disk_that_is_open_elsewhere_can_be_reread)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	test::temp_dir const dir;
	test::write_sparse_file(dir / "image", disk_size);
	auto const plan = value_of(plan_partition_table(dir / "image", gpt));
	ASSERT_TRUE(write_partition_table(dir / "image", plan, wait, [] {}));
	for (bool const partition_scan : {false, true})
	{
		loop_device const disk(disk_size, {.partition_scan = partition_scan});
		run_checked({"dd", "if=" + (dir / "image"), "of=" + disk.path(), "bs=1M", "conv=fsync,notrunc"});
		unique_fd const claim(::open(disk.path().c_str(), O_RDWR | O_EXCL | O_CLOEXEC));
		auto const reread = reread_partition_table(disk.path(), wait);
		ASSERT_TRUE(reread) << reread.error().text;
		EXPECT_EQ(known_of(disk), partitions_of(plan.table));
	}
}

} // namespace rawswarm
