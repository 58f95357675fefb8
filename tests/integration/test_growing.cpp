// SPDX-License-Identifier: BSD-3-Clause
// A partition and its file system take the space of a larger disk.
#include "tests/support/base/random_bytes.hpp"
#include "tests/support/base/skip.hpp"
#include "tests/support/base/temp_dir.hpp"
#include "tests/support/device/loop_device.hpp"
#include "tests/support/machine/disk_partitions.hpp"
#include "tests/support/machine/file_system.hpp"
#include "tests/support/program/disk_imaging.hpp"
#include "tests/support/program/prepared_image.hpp"
#include "tests/support/program/rawswarm_program.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <string>
#include <vector>

namespace rawswarm::test
{

namespace
{

namespace fs = std::filesystem;

constexpr std::uint64_t mib = 1024 * 1024;

class growing_file_system : public ::testing::TestWithParam<file_system_kind>
{};

} // namespace

TEST_P(growing_file_system, takes_the_space_of_a_larger_disk)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	SKIP_WITHOUT("sfdisk");
	if (auto const why = why_no_file_system(GetParam()); !why.empty())
	{
		GTEST_SKIP() << why;
	}
	constexpr std::uint64_t partition = 320 * mib;
	temp_dir const dir;
	make_tree(dir / "tree");
	auto const source = dir / "source.img";
	write_sparse_file(source, partition + 12 * mib);
	run_sfdisk(source, "label: gpt\nsize=8M, type=uefi\nsize=320M, type=linux\n");
	auto const table = read_partition_table(source).value().value();
	{
		auto const device = run_checked({"losetup", "--find", "--show", "--offset",
			std::to_string(table.partitions.at(1).offset), "--sizelimit", std::to_string(partition), source});
		make_file_system(GetParam(), device, dir / "tree");
		run_checked({"losetup", "--detach", device});
	}
	loop_device const disk(700 * mib, {.partition_scan = true});

	auto const imaged = image_disk(dir, source, disk.path(), {{"grow", "last"}});

	ASSERT_TRUE(exits_with(imaged, exit_code::done));
	auto const notes =
		nlohmann::json::parse(imaged.out)["targets"][0].value("notes", nlohmann::json::array());

	EXPECT_EQ(sgdisk_verdict(disk.path()), sgdisk_verdict(source));
	auto const grown = read_partition_table(disk.path()).value().value();
	ASSERT_EQ(grown.partitions.size(), 2U);
	EXPECT_EQ(grown.partitions[0], table.partitions[0]);
	EXPECT_EQ(grown.partitions[1].uuid, table.partitions[1].uuid);
	EXPECT_EQ(grown.partitions[1].offset, table.partitions[1].offset);
	EXPECT_GT(grown.partitions[1].length, 685 * mib);
	auto const known = known_partitions(disk.path());
	ASSERT_EQ(known.count(2), 1U);
	EXPECT_EQ(known.at(2).second, grown.partitions[1].length) << "the kernel shows it";
	ASSERT_EQ(notes.size(), 2U) << notes;
	EXPECT_NE(notes[0].get<std::string>().find("partition 2 has grown from 320.0 MiB to "), std::string::npos)
		<< notes;
	auto const node = disk.path() + "p2";
	EXPECT_EQ(notes[1], "the " + name_of(GetParam()) + " of " + node + " takes all of it");
	if (GetParam() != file_system_kind::ntfs)
	{
		scoped_mount const mounted(node, name_of(GetParam()));
		EXPECT_GT(fs::space(mounted.path()).capacity, 600 * mib);
	}
	expect_file_system(GetParam(), node, dir / "tree");
}

INSTANTIATE_TEST_SUITE_P(finishing, growing_file_system,
	::testing::Values(
		file_system_kind::ext4, file_system_kind::xfs, file_system_kind::btrfs, file_system_kind::ntfs),
	[](auto const& instance) { return name_of(instance.param); });

TEST(growing, is_refused_where_there_is_no_disk_and_before_the_first_byte)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	temp_dir const dir;
	prepared_image const image({torrent_file{0, random_bytes(1, mib)}});
	auto job = loopback_job({});
	job["targets"].push_back(image_target(image.torrent_path, dir.path().string()));
	job["targets"][0]["grow"] = "last";
	auto const result = run_job(dir, job);
	EXPECT_TRUE(exits_with(result, exit_code::target));
	EXPECT_NE(result.err.find("no whole disk whose partitions could grow"), std::string::npos) << result.err;
}

TEST(growing, a_partition_that_the_image_does_not_have_is_an_error_that_names_it)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	SKIP_WITHOUT("sfdisk");
	temp_dir const dir;
	auto const source = dir / "source.img";
	write_sparse_file(source, 8 * mib);
	run_sfdisk(source, "label: dos\nsize=2M\nsize=2M\n");
	loop_device const disk(16 * mib);
	auto const result = image_disk(dir, source, disk.path(), {{"grow", {{"partition", 7}}}});
	EXPECT_TRUE(exits_with(result, exit_code::target));
	EXPECT_NE(result.err.find("there is no partition 7 that could grow"), std::string::npos) << result.err;

	EXPECT_TRUE(
		exits_with(image_disk(dir, source, disk.path(), {{"grow", {{"partition", 1}}}}), exit_code::done));
	auto const table = read_partition_table(disk.path()).value().value();
	EXPECT_EQ(table.partitions.at(0).length, 2 * mib) << "the next one begins right behind it";
	EXPECT_TRUE(
		exits_with(image_disk(dir, source, disk.path(), {{"grow", {{"partition", 2}}}}), exit_code::done));
	auto const grown = read_partition_table(disk.path()).value().value();
	EXPECT_EQ(grown.partitions.at(1).length, 16 * mib - grown.partitions.at(1).offset);
	EXPECT_EQ(grown.id, table.id);
}

} // namespace rawswarm::test
