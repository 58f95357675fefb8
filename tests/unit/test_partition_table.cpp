// On image files; tests/integration has the same on block devices, where the kernel takes part.

#include "agent/partition_table.hpp"
#include "tests/support/child_process.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/support/value_of.hpp"

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
	if (!test::program_exists("mkfs.vfat"))
	{
		GTEST_SKIP() << "no mkfs.vfat";
	}
	image const disk;
	test::run_checked({"mkfs.vfat", disk.path});
	EXPECT_FALSE(value_of(read_partition_table(disk.path)));

	write(disk, mbr);
	EXPECT_EQ(table_on(disk).id, "0xdeadbeef");
	EXPECT_FALSE(has_text(disk.bytes(), "FAT16"));
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

TEST(partition_table, the_end_of_a_dumped_disk_does_not_count)
{
	for (std::string const last_lba : {"10000", "99999999"})
	{
		image const disk;
		write(disk,
			"label: gpt\nfirst-lba: 34\nlast-lba: " + last_lba
				+ "\ndevice: /dev/sdx\n/dev/sdx2 : start=2048\n");
		auto const table = table_on(disk);
		ASSERT_EQ(table.partitions.size(), 1u);
		EXPECT_EQ(table.partitions[0].number, 2);
		EXPECT_EQ(table.partitions[0].length, image_size - 2 * mebibyte);
	}
}

TEST(partition_table, empty_slots_of_old_dumps_are_passed_over)
{
	image const disk;
	auto const table = planned(disk,
		"label: dos\n/dev/sda1 : start=2048, size=2048, Id=83\n"
		"/dev/sda2 : start=0, size=0, Id=0\n")
						   .table;
	ASSERT_EQ(table.partitions.size(), 1u);
	EXPECT_EQ(table.partitions[0].type, "83");
}

TEST(partition_table, bare_values_and_comments_are_read_as_sfdisk_does)
{
	image const disk;
	auto const table = planned(disk, "# a comment\r\nlabel: gpt\r\n\r\n,8M,U\r\n,,L\r\n").table;
	ASSERT_EQ(table.partitions.size(), 2u);
	EXPECT_EQ(table.partitions[0].length, 8 * mebibyte);
	EXPECT_EQ(table.partitions[1].type, linux_type);
}

TEST(partition_table, a_script_that_is_wrong_is_refused_with_its_line)
{
	image const disk;
	auto const name_of_37 = std::string(37, 'x');
	for (auto const& [script, text] :
		std::vector<std::pair<std::string, std::string>>{{"", "the script has no label (label: gpt)"},
			{"# label: gpt\n", "the script has no label (label: gpt)"},
			{"label: gpt\n", "the script has no partition"},
			{"unit: sectors\nsize=1M\n", "line 2 of the script: a partition before a label (label: gpt)"},
			{",,L\n", "line 1 of the script: a partition before a label (label: gpt)"},
			{"label: sun\n", "line 1 of the script: neither gpt nor dos: label: sun"},
			{"label: foo\nsize=1M\n", "line 1 of the script: neither gpt nor dos: label: foo"},
			{"label: gpt\nlabels: 1\n", "line 2 of the script: unknown header: labels: 1"},
			{"label: gpt\nunit: cylinders\n", "line 2 of the script: not understood: unit: cylinders"},
			{"label: gpt\n\nsize=1M, tpye=L\n", "line 3 of the script: not understood: size=1M, tpye=L"},
			{"label: gpt\nsize=1M, type=nonsense\n", "line 2 of the script: no type of partition"},
			{"label: gpt\nsize=1M\nwrite\n", "line 3 of the script: not understood: write"},
			{"label: gpt\nsize=1M, name=a\x1b[2Jb\n",
				"line 2 of the script: control characters, or bytes that are no UTF-8"},
			{"label: gpt\nsize=1M, name=a\\x1bb\n", "line 2 of the script: control characters in the name"},
			{"label: gpt\nsize=1M, name=" + name_of_37 + "\n",
				"line 2 of the script: the name is longer than 36 characters, or has one beyond U+FFFF"},
			{"label: gpt\nsize=0\n", "line 2 of the script: a partition without a sector"},
			{"label: gpt\nstart=2048, size=18446744073709551615\n",
				"line 2 of the script: a start or a size that is too large"},
			{"label: dos\nsize=1M, type=nonsense\n", "line 2 of the script: no type of partition"},
			{"label: gpt\nsize=1M, uuid=12\n", "line 2 of the script: no UUID: 12"},
			{"label: gpt\nlabel-id: 12\nsize=1M\n", "the script's label-id is none: 12"},
			{"label: dos\nlabel-id: 0x12x\nsize=1M\n", "the script's label-id is none: 0x12x"},
			{"label: gpt\nfirst-lba: x\nsize=1M\n", "the script's first-lba is no number: x"},
			{"label: gpt\n2 : size=1M\n2 : size=1M\n",
				"line 3 of the script: partition 2 is in line 2 already"},
			{"label: gpt\n129 : size=1M\n",
				"line 2 of the script: partition 129: the table has no such number"},
			{"label: gpt\nstart=10, size=1M\n",
				"line 2 of the script: sector 10 belongs to the table, the first that is free is 2048"},
			{"label: gpt\nstart=2048, size=4096\nstart=4096, size=4096\n",
				"line 3 of the script: Sector 4096 already used"},
			{"label: gpt\nstart=4096, size=4096\nstart=2048, size=4096\n",
				"partitions 1 and 2 of the script overlap"},
			{"label: dos\nstart=2048, size=4096\nstart=4096, size=4096\n",
				"line 3 of the script: Start sector 4096 out of range"},
			{"label: dos\nsize=1M\nsize=1M\nsize=1M\nsize=1M\n5 : start=20480, size=1M\n",
				"line 6 of the script: Extended partition does not exists. Failed to add logical partition"}})
	{
		auto const plan = plan_partition_table(disk.path, script);
		ASSERT_FALSE(plan) << script;
		EXPECT_EQ(plan.error().text, "partitioning " + disk.path + ": " + text) << script;
		EXPECT_EQ(plan.error().kind, fault::refused) << script;
	}
}

TEST(partition_table, a_script_that_does_not_fit_the_disk_is_an_error_of_the_target)
{
	image const disk;
	image const tiny(16 * 512);
	for (auto const& [on, script, text] : std::vector<std::tuple<image const&, std::string, std::string>>{
			 {disk, "label: gpt\nsector-size: 4096\nstart=256\n",
				 "the script is for sectors of 4096 bytes, the disk has 512"},
			 {disk, "label: gpt\nstart=2048, size=200000\n",
				 "line 2 of the script: 200000 sectors from sector 2048 on go past the last one that can be "
				 "used, 131038"},
			 {disk, "label: gpt\nstart=131039\n",
				 "line 2 of the script: 1 sectors from sector 131039 on go past the last one that can be "
				 "used, "
				 "131038"},
			 {disk, "label: gpt\nstart=2048, size=9223372036854775807\n",
				 "line 2 of the script: 9223372036854775807 sectors from sector 2048 on go past the last one "
				 "that can be used, 131038"},
			 {disk, "label: dos\nstart=2048, size=129025\n",
				 "line 2 of the script: 129025 sectors from sector 2048 on go past the last one that can be "
				 "used, "
				 "131071"}})
	{
		auto const plan = plan_partition_table(on.path, script);
		ASSERT_FALSE(plan) << script;
		EXPECT_EQ(plan.error().text, "partitioning " + on.path + ": " + text) << script;
		EXPECT_EQ(plan.error().kind, fault::target) << script;
	}
	for (std::string const script : {"label: gpt\nsize=40M\nsize=40M\n", "label: dos\nsize=40M\nsize=40M\n",
			 "label: gpt\nsize=62M\nsize=1M\nsize=1M\n", "label: gpt\nfirst-lba: 999999\nsize=1M\n"})
	{
		auto const plan = plan_partition_table(disk.path, script);
		EXPECT_FALSE(plan) << script;
		EXPECT_EQ(plan ? fault::internal : plan.error().kind, fault::target) << script;
	}
	auto const plan = plan_partition_table(tiny.path, short_gpt);
	ASSERT_FALSE(plan);
	EXPECT_EQ(plan.error().kind, fault::target) << plan.error().text;
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
