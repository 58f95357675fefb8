// SPDX-License-Identifier: BSD-3-Clause
// On image files; tests/integration has the same on block devices, where the kernel takes part.

#include "agent/machine/partition_table.hpp"
#include "tests/support/base/child_process.hpp"
#include "tests/support/base/skip.hpp"
#include "tests/support/base/temp_dir.hpp"
#include "tests/support/base/value_of.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include <sys/stat.h>

namespace rawswarm
{
namespace
{

using test::value_of;

constexpr std::uint64_t mebibyte = 1024 * 1024;
constexpr std::uint64_t image_size = 64 * mebibyte;
constexpr std::chrono::milliseconds wait{5000};

constexpr char const* linux_type = "0fc63daf-8483-4772-8e79-3d69d8477de4";

// All that can be stated is.
constexpr char const* full_gpt = R"(label: gpt
label-id: 11111111-2222-3333-4444-ABCDEFABCDEF
unit: sectors

start=2048, size=16384, type=uefi, uuid=AAAAAAAA-0000-0000-0000-000000000001, name="EFI system"
start=18432, size=32768, type=linux, uuid=aaaaaaaa-0000-0000-0000-000000000002, name="Wurzel \x22ä\x22", attrs="GUID:63"
type=swap, uuid=aaaaaaaa-0000-0000-0000-000000000003
)";

constexpr char const* short_gpt = "label: gpt\nsize=8M, type=U, name=boot\nsize=16M, type=L\ntype=S\n";

constexpr char const* mbr = R"(label: dos
label-id: 0xDEADBEEF

start=2048, size=8192, type=c, bootable
start=10240, type=5
start=12288, size=8192, type=83
start=22528, type=82
)";

struct image
{
	explicit image(std::uint64_t size = image_size) { test::write_sparse_file(path, size); }

	std::string bytes() const { return test::read_file(path); }

	test::temp_dir dir;
	std::string path = dir / "disk";
};

partition_table table_on(image const& disk)
{
	return value_of(read_partition_table(disk.path)).value();
}

table_plan planned(image const& disk, std::string const& script)
{
	return value_of(plan_partition_table(disk.path, script));
}

// How often the change was announced.
int write(image const& disk, table_plan const& plan)
{
	int changes = 0;
	auto const written = write_partition_table(disk.path, plan, wait, [&] { ++changes; });
	EXPECT_TRUE(written) << written.error().text;
	return changes;
}

table_plan write(image const& disk, std::string const& script)
{
	auto plan = planned(disk, script);
	EXPECT_EQ(write(disk, plan), 1);
	return plan;
}

table_partition part(int number, std::uint64_t offset, std::uint64_t length)
{
	table_partition made;
	made.number = number;
	made.offset = offset;
	made.length = length;
	return made;
}

bool has_text(std::string const& bytes, std::string_view text)
{
	return bytes.find(text) != std::string::npos;
}

} // namespace

TEST(partition_table, a_disk_of_zeros_has_none)
{
	image const disk;
	EXPECT_FALSE(value_of(read_partition_table(disk.path)));
}

TEST(partition_table, a_file_system_over_the_whole_disk_is_none)
{
	SKIP_WITHOUT("mkfs.vfat");
	image const disk;
	test::run_checked({"mkfs.vfat", disk.path});
	EXPECT_FALSE(value_of(read_partition_table(disk.path)));

	write(disk, mbr);
	EXPECT_EQ(table_on(disk).id, "0xdeadbeef");
	EXPECT_FALSE(has_text(disk.bytes(), "FAT16"));
}

TEST(partition_table, the_guard_of_a_broken_gpt_is_none)
{
	image const disk;
	write(disk, short_gpt);
	for (auto const place : {std::uint64_t(512), image_size - 512})
	{
		test::write_at(disk.path, place, std::string(512, '\0'));
	}
	EXPECT_FALSE(value_of(read_partition_table(disk.path)));
	EXPECT_FALSE(value_of(move_backup_gpt(disk.path)));
	write(disk, short_gpt);
	EXPECT_EQ(table_on(disk).kind, "gpt");
}

// A boot sector of FAT may stand before the partitions of an MBR.
TEST(partition_table, a_boot_sector_with_partitions_is_an_mbr)
{
	SKIP_WITHOUT("mkfs.vfat");
	image const disk;
	write(disk, mbr);
	auto const table = table_on(disk);
	auto const entries = test::read_at(disk.path, 440, 72);
	test::run_checked({"mkfs.vfat", "-I", disk.path});
	test::write_at(disk.path, 440, entries);
	EXPECT_EQ(table_on(disk).partitions[0], table.partitions[0]);
	test::write_at(disk.path, 446 + 16, "\x7f");
	EXPECT_FALSE(value_of(read_partition_table(disk.path)));
}

TEST(partition_table, a_plan_changes_nothing)
{
	image const disk;
	write(disk, mbr);
	auto const before = disk.bytes();
	auto const plan = planned(disk, full_gpt);
	EXPECT_EQ(plan.table.kind, "gpt");
	EXPECT_TRUE(disk.bytes() == before);
}

TEST(partition_table, a_gpt_is_as_its_script_says)
{
	image const disk;
	auto const plan = write(disk, full_gpt);
	EXPECT_FALSE(plan.already_there);

	auto const table = table_on(disk);
	EXPECT_EQ(table, plan.table);
	EXPECT_EQ(table.kind, "gpt");
	EXPECT_EQ(table.id, "11111111-2222-3333-4444-abcdefabcdef");
	ASSERT_EQ(table.partitions.size(), 3u);
	EXPECT_EQ(table.partitions[0].number, 1);
	EXPECT_EQ(table.partitions[0].offset, mebibyte);
	EXPECT_EQ(table.partitions[0].length, 8 * mebibyte);
	EXPECT_EQ(table.partitions[0].uuid, "aaaaaaaa-0000-0000-0000-000000000001");
	EXPECT_EQ(table.partitions[0].label, "EFI system");
	EXPECT_EQ(table.partitions[0].type, "c12a7328-f81f-11d2-ba4b-00a0c93ec93b");
	EXPECT_EQ(table.partitions[1].label, "Wurzel \"ä\"");
	EXPECT_EQ(table.partitions[1].type, linux_type);
	EXPECT_EQ(table.partitions[1].attributes, "GUID:63");
	EXPECT_EQ(table.partitions[2].offset, 25 * mebibyte);
	EXPECT_EQ(table.partitions[2].length, image_size - 26 * mebibyte);
	EXPECT_EQ(table.partitions[2].type, "0657fd6d-a4ab-43c4-84e5-0933c84b4f4f");
}

TEST(partition_table, an_mbr_is_as_its_script_says)
{
	image const disk;
	auto const plan = write(disk, mbr);
	auto const table = table_on(disk);
	EXPECT_EQ(table, plan.table);
	EXPECT_EQ(table.kind, "dos");
	EXPECT_EQ(table.id, "0xdeadbeef");
	ASSERT_EQ(table.partitions.size(), 4u);
	EXPECT_EQ(table.partitions[0].uuid, "deadbeef-01");
	EXPECT_EQ(table.partitions[0].type, "c");
	EXPECT_EQ(table.partitions[0].length, 4 * mebibyte);
	EXPECT_TRUE(table.partitions[0].bootable);
	EXPECT_FALSE(table.partitions[0].container);
	EXPECT_TRUE(table.partitions[1].container);
	EXPECT_EQ(table.partitions[2].number, 5);
	EXPECT_EQ(table.partitions[2].uuid, "deadbeef-05");
	EXPECT_EQ(table.partitions[2].offset, 6 * mebibyte);
	EXPECT_EQ(table.partitions[3].offset, 11 * mebibyte);
	EXPECT_EQ(table.partitions[3].length, image_size - 11 * mebibyte);
	EXPECT_FALSE(table.partitions[3].bootable);
}

TEST(partition_table, a_table_that_is_there_need_not_be_written)
{
	for (std::string const script : {full_gpt, mbr})
	{
		image const disk;
		auto const written = write(disk, script);
		auto const again = planned(disk, script);
		EXPECT_TRUE(again.already_there) << script;
		EXPECT_EQ(again.table, written.table);
	}
}

TEST(partition_table, chance_is_taken_from_the_disk)
{
	for (std::string const script : {short_gpt, "label: dos\nsize=8M, bootable\n"})
	{
		image const disk;
		auto const first = write(disk, script);
		EXPECT_NE(planned(image(), script).table.id, first.table.id);
		auto const again = planned(disk, script);
		EXPECT_TRUE(again.already_there);
		EXPECT_EQ(again.table, first.table);
		EXPECT_EQ(planned(disk, again.script).table, first.table);
	}
}

TEST(partition_table, what_a_plan_left_to_chance_is_what_is_written)
{
	image const disk;
	auto const plan = planned(disk, short_gpt);
	EXPECT_NE(plan.table.id, planned(disk, short_gpt).table.id);
	write(disk, plan);
	EXPECT_EQ(table_on(disk), plan.table);
}

TEST(partition_table, whatever_a_script_states_must_agree)
{
	image const disk;
	write(disk, full_gpt);
	for (auto const& [from, to] : std::vector<std::pair<std::string, std::string>>{{"ABCDEFABCDEF", "0"},
			 {"size=32768", "size=30720"}, {"start=18432, size=32768", "start=20480, size=30720"},
			 {"type=swap", "type=linux"}, {"000000000003", "000000000004"}, {"EFI system", "EFI"},
			 {"GUID:63", "GUID:62"}, {"type=swap", "size=1M, type=swap"}})
	{
		std::string script = full_gpt;
		auto const at = script.find(from);
		ASSERT_NE(at, std::string::npos) << from;
		script.replace(at, from.size(), from == "ABCDEFABCDEF" ? "ABCDEFABCDE0" : to);
		auto const plan = planned(disk, script);
		EXPECT_FALSE(plan.already_there) << to;
		EXPECT_NE(plan.table, table_on(disk)) << to;
	}
}

TEST(partition_table, a_table_with_a_damaged_copy_is_written_again_with_the_same_uuids)
{
	image const disk;
	auto const first = write(disk, short_gpt);
	test::write_at(disk.path, image_size - 512, "no header");
	auto const plan = planned(disk, short_gpt);
	EXPECT_FALSE(plan.already_there);
	EXPECT_EQ(plan.table, first.table);
	write(disk, plan);
	EXPECT_TRUE(planned(disk, short_gpt).already_there);
}

TEST(partition_table, content_of_partitions_stays)
{
	image const disk;
	test::write_at(disk.path, mebibyte, "the first bytes of a partition");
	test::write_at(disk.path, 63 * mebibyte - 4, "last");
	write(disk, full_gpt);
	write(disk, mbr);
	write(disk, short_gpt);
	EXPECT_EQ(test::read_at(disk.path, mebibyte, 9), "the first");
	EXPECT_EQ(test::read_at(disk.path, 63 * mebibyte - 4, 4), "last");
}

TEST(partition_table, a_gpt_that_becomes_an_mbr_leaves_no_trace)
{
	image const disk;
	write(disk, full_gpt);
	EXPECT_TRUE(has_text(disk.bytes(), "EFI PART"));
	write(disk, mbr);
	EXPECT_FALSE(has_text(disk.bytes(), "EFI PART"));
	EXPECT_EQ(table_on(disk).kind, "dos");
}

TEST(partition_table, a_change_is_announced_before_the_first_byte)
{
	image const disk;
	auto const before = disk.bytes();
	auto const plan = planned(disk, full_gpt);
	bool was_untouched = false;
	ASSERT_TRUE(
		write_partition_table(disk.path, plan, wait, [&] { was_untouched = disk.bytes() == before; }));
	EXPECT_TRUE(was_untouched);
	EXPECT_FALSE(disk.bytes() == before);
}

TEST(partition_table, a_plan_for_another_disk_is_not_written)
{
	image const disk;
	image const larger(2 * image_size);
	auto const before = disk.bytes();
	int changes = 0;
	auto const written =
		write_partition_table(disk.path, planned(larger, full_gpt), wait, [&] { ++changes; });
	ASSERT_FALSE(written);
	EXPECT_EQ(written.error().kind, fault::target);
	EXPECT_EQ(changes, 0);
	EXPECT_TRUE(disk.bytes() == before);
}

TEST(partition_table, partitions_overlap_unless_one_is_a_container_of_the_other)
{
	auto const first = part(1, 100, 100);
	auto const second = part(2, 200, 100);
	auto const within = part(5, 110, 90);
	auto const across = part(6, 199, 2);
	auto container = first;
	container.container = true;
	EXPECT_FALSE(overlapping({second, first}));
	EXPECT_EQ(overlapping({second, within, first}), std::pair(1, 5));
	EXPECT_EQ(overlapping({first, across}), std::pair(1, 6));
	EXPECT_FALSE(overlapping({within, container, second}));
	EXPECT_EQ(overlapping({across, container}), std::pair(1, 6));
}

TEST(partition_table, what_is_no_disk_is_refused_by_name)
{
	test::temp_dir const dir;
	auto const missing = dir / "missing";
	auto const read = read_partition_table(missing);
	ASSERT_FALSE(read);
	EXPECT_EQ(read.error().text, "reading the partition table of " + missing + ": No such file or directory");
	EXPECT_EQ(read.error().kind, fault::target);
	auto const plan = plan_partition_table("/dev/null", full_gpt);
	ASSERT_FALSE(plan);
	EXPECT_EQ(plan.error().text, "partitioning /dev/null: neither a block device nor an image file");
}

TEST(partition_table, an_empty_image_is_an_error)
{
	image const disk(0);
	EXPECT_FALSE(read_partition_table(disk.path));
	EXPECT_FALSE(plan_partition_table(disk.path, full_gpt));
}

TEST(partition_table, the_copy_of_a_gpt_moves_to_the_end_of_a_larger_disk)
{
	image const disk;
	auto const small = write(disk, short_gpt);
	EXPECT_FALSE(value_of(move_backup_gpt(disk.path)));
	std::filesystem::resize_file(disk.path, 2 * image_size);
	EXPECT_TRUE(value_of(move_backup_gpt(disk.path)));
	EXPECT_EQ(test::read_at(disk.path, 2 * image_size - 512, 8), "EFI PART");
	EXPECT_EQ(table_on(disk), small.table);
	EXPECT_FALSE(value_of(move_backup_gpt(disk.path)));
}

TEST(partition_table, the_copy_of_a_gpt_does_not_move_into_a_partition)
{
	image const disk;
	write(disk, "label: gpt\nstart=2048, size=128991\n");
	std::filesystem::resize_file(disk.path, image_size - std::uintmax_t(10 * 512));
	auto const before = disk.bytes();
	auto const moved = move_backup_gpt(disk.path);
	ASSERT_FALSE(moved);
	EXPECT_EQ(moved.error().text,
		"moving the backup GPT of " + disk.path + ": the disk is too small for its partitions");
	EXPECT_EQ(moved.error().kind, fault::target);
	EXPECT_TRUE(disk.bytes() == before);
}

TEST(partition_table, a_disk_without_a_gpt_has_no_copy_to_move)
{
	image const disk;
	EXPECT_FALSE(value_of(move_backup_gpt(disk.path)));
	write(disk, mbr);
	std::filesystem::resize_file(disk.path, 2 * image_size);
	EXPECT_FALSE(value_of(move_backup_gpt(disk.path)));
}

} // namespace rawswarm
