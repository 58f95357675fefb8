// SPDX-License-Identifier: BSD-3-Clause
// The meaning of a script, and its faults. On image files.

#include "agent/machine/partition_table.hpp"
#include "tests/support/base/temp_dir.hpp"
#include "tests/support/base/value_of.hpp"

#include <gtest/gtest.h>

#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace rawswarm
{
namespace
{

using test::value_of;

constexpr std::uint64_t mebibyte = 1024 * 1024;
constexpr std::uint64_t image_size = 64 * mebibyte;

struct image
{
	explicit image(std::uint64_t size = image_size) { test::write_sparse_file(path, size); }

	test::temp_dir dir;
	std::string path = dir / "disk";
};

std::vector<table_partition> planned(std::string const& script)
{
	image const disk;
	return value_of(plan_partition_table(disk.path, script)).table.partitions;
}

} // namespace

TEST(partition_script, a_script_that_is_wrong_is_refused_with_its_line)
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
				"line 2 of the script: a number that is taken, or more than the table has room for"},
			{"label: gpt\nstart=10, size=1M\n",
				"line 2 of the script: sector 10 belongs to the table, the first that is free is 2048"},
			{"label: gpt\nstart=2048, size=4096\nstart=4096, size=4096\n",
				"line 3 of the script: Sector 4096 already used"},
			{"label: gpt\nstart=4096, size=4096\nstart=2048, size=4096\n",
				"partitions 1 and 2 of the script overlap"},
			{"label: dos\nstart=2048, size=4096\nstart=4096, size=4096\n",
				"line 3 of the script: Start sector 4096 out of range"},
			{"label: gpt\nsize=1M\n1 : size=1M\n",
				"line 3 of the script: a number that is taken, or more than the table has room for"},
			{"label: dos\nsize=1M\nsize=1M\nsize=1M\nsize=1M\n5 : start=20480, size=1M\n",
				"line 6 of the script: Extended partition does not exists. Failed to add logical partition"}})
	{
		auto const plan = plan_partition_table(disk.path, script);
		ASSERT_FALSE(plan) << script;
		EXPECT_EQ(plan.error().text, "partitioning " + disk.path + ": " + text) << script;
		EXPECT_EQ(plan.error().kind, fault::refused) << script;
	}
}

TEST(partition_script, a_script_that_does_not_fit_the_disk_is_an_error_of_the_target)
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
			 {disk, "label: dos\nsize=1M\nsize=1M\nsize=1M\nsize=1M\nsize=1M\n",
				 "line 6 of the script: To create more partitions, first replace a primary with an extended "
				 "partition"},
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
	auto const plan = plan_partition_table(tiny.path, "label: gpt\nsize=1M\n");
	ASSERT_FALSE(plan);
	EXPECT_EQ(plan.error().kind, fault::target) << plan.error().text;
}

TEST(partition_script, the_end_of_a_dumped_disk_does_not_count)
{
	for (std::string const last_lba : {"10000", "99999999"})
	{
		auto const partitions = planned("label: gpt\nfirst-lba: 34\nlast-lba: " + last_lba
			+ "\ndevice: /dev/sdx\n/dev/sdx2 : start=2048\n");
		ASSERT_EQ(partitions.size(), 1u);
		EXPECT_EQ(partitions[0].number, 2);
		EXPECT_EQ(partitions[0].length, image_size - 2 * mebibyte);
	}
}

TEST(partition_script, empty_slots_of_old_dumps_are_passed_over)
{
	auto const partitions = planned("label: dos\n/dev/sda1 : start=2048, size=2048, Id=83\n"
									"/dev/sda2 : start=0, size=0, Id=0\n");
	ASSERT_EQ(partitions.size(), 1u);
	EXPECT_EQ(partitions[0].type, "83");
}

TEST(partition_script, bare_values_and_comments_are_read_as_sfdisk_does)
{
	auto const partitions = planned("# a comment\r\nlabel: gpt\r\n\r\n,8M,U\r\n,,L\r\n");
	ASSERT_EQ(partitions.size(), 2u);
	EXPECT_EQ(partitions[0].length, 8 * mebibyte);
	EXPECT_EQ(partitions[0].type, "c12a7328-f81f-11d2-ba4b-00a0c93ec93b");
	EXPECT_EQ(partitions[1].type, "0fc63daf-8483-4772-8e79-3d69d8477de4");
}

TEST(partition_script, types_have_the_shortcuts_and_names_of_sfdisk)
{
	for (auto const& [type, guid] : std::vector<std::pair<std::string, std::string>>{
			 {"L", "0fc63daf-8483-4772-8e79-3d69d8477de4"}, {"linux", "0fc63daf-8483-4772-8e79-3d69d8477de4"},
			 {"U", "c12a7328-f81f-11d2-ba4b-00a0c93ec93b"}, {"uefi", "c12a7328-f81f-11d2-ba4b-00a0c93ec93b"},
			 {"S", "0657fd6d-a4ab-43c4-84e5-0933c84b4f4f"}, {"swap", "0657fd6d-a4ab-43c4-84e5-0933c84b4f4f"},
			 {"\"BIOS boot\"", "21686148-6449-6e6f-744e-656564454649"},
			 {"21686148-6449-6E6F-744E-656564454649", "21686148-6449-6e6f-744e-656564454649"}})
	{
		auto const partitions = planned("label: gpt\ntype=" + type + "\n");
		ASSERT_EQ(partitions.size(), 1u);
		EXPECT_EQ(partitions[0].type, guid) << type;
	}
	for (auto const& [type, code] : std::vector<std::pair<std::string, std::string>>{
			 {"L", "83"}, {"swap", "82"}, {"uefi", "ef"}, {"7", "7"}, {"0x0c", "c"}})
	{
		auto const partitions = planned("label: dos\ntype=" + type + "\n");
		ASSERT_EQ(partitions.size(), 1u);
		EXPECT_EQ(partitions[0].type, code) << type;
	}
}

} // namespace rawswarm
