// SPDX-License-Identifier: BSD-3-Clause
// `rawswarm info` of everything that it is asked about.
#include "tests/support/base/random_bytes.hpp"
#include "tests/support/base/skip.hpp"
#include "tests/support/device/loop_device.hpp"
#include "tests/support/machine/disk_partitions.hpp"
#include "tests/support/program/rawswarm_program.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <filesystem>

namespace rawswarm::test
{

namespace
{

constexpr std::uint64_t mib = 1024 * 1024;

nlohmann::json info_of(std::string const& path)
{
	auto const asked = run_rawswarm({"info", path, "--json"});
	EXPECT_TRUE(exits_with(asked, exit_code::done));
	return asked.exit_code == 0 ? nlohmann::json::parse(asked.out) : nlohmann::json();
}

std::string text_of_info(std::string const& path)
{
	auto const asked = run_rawswarm({"info", path});
	EXPECT_TRUE(exits_with(asked, exit_code::done));
	return asked.out;
}

} // namespace

TEST(info, of_a_torrent_says_what_it_holds_and_the_device_that_it_needs)
{
	temp_dir const dir;
	write_file(
		dir / "disk.img", random_bytes(1, 3 * mib) + std::string(5 * mib, '\0') + std::string(mib, 'a'));
	ASSERT_TRUE(exits_with(
		run_rawswarm({"create", dir / "disk.img", "-o", dir / "disk.torrent", "--skip-zeros", "--compress"}),
		exit_code::done));
	auto const info = info_of(dir / "disk.torrent");
	EXPECT_EQ(info["kind"], "torrent");
	EXPECT_EQ(info["name"], "disk.img");
	EXPECT_EQ(info["info_hash"].get<std::string>().size(), 40U);
	EXPECT_EQ(info["bytes"], 4 * mib);
	EXPECT_EQ(info["extents"], 2);
	EXPECT_EQ(info["device_size"], 9 * mib);
	EXPECT_EQ(info["gaps"], (nlohmann::json{{"zeroed", 5 * mib}, {"left_alone", 0}}));
	EXPECT_EQ(info["compressed"]["bytes"], std::filesystem::file_size(dir / "disk.zst"));
	auto const text = text_of_info(dir / "disk.torrent");
	EXPECT_NE(text.find("for a device of 9.0 MiB (9437184 bytes) or more\n"), std::string::npos) << text;
	EXPECT_NE(text.find("gaps: 5.0 MiB become zeros, 0 B are left alone\n"), std::string::npos) << text;

	auto const compressed = info_of(dir / "disk.zst");
	EXPECT_EQ(compressed["kind"], "compressed image");
	EXPECT_EQ(compressed["bytes"], 4 * mib);
	EXPECT_NE(text_of_info(dir / "disk.zst").find("compressed image of 4.0 MiB"), std::string::npos);
}

TEST(info, of_an_image_names_its_partitions_and_what_is_in_them)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	temp_dir const dir;
	write_sparse_file(dir / "disk.img", 64 * mib);
	run_sfdisk(dir / "disk.img",
		"label: gpt\nstart=2048, size=65536, type=linux, name=\"root \\x41\"\nsize=8192, type=swap\n");
	run_checked({"mkfs.ext4", "-q", "-F", "-E", "offset=1048576", dir / "disk.img", "32M"});
	auto const info = info_of(dir / "disk.img");
	EXPECT_EQ(info["table"], "gpt");
	ASSERT_EQ(info["partitions"].size(), 2U);
	EXPECT_EQ(info["partitions"][0],
		(nlohmann::json{
			{"number", 1}, {"offset", mib}, {"size", 32 * mib}, {"label", "root A"}, {"content", "ext4"}}));
	EXPECT_EQ(info["partitions"][1]["content"], "");
	EXPECT_EQ(text_of_info(dir / "disk.img"),
		"image of 64.0 MiB (67108864 bytes), with a table (gpt)\n"
		"partition 1: 32.0 MiB at 0x100000, ext4, \"root A\"\n"
		"partition 2: 4.0 MiB at 0x2100000, unknown\n");
	loop_device const device(dir / "disk.img");
	EXPECT_EQ(info_of(device.path())["partitions"], info["partitions"]);
}

TEST(info, of_what_is_no_disk_says_so)
{
	SKIP_WITHOUT("qemu-img");
	temp_dir const dir;
	run_checked({"qemu-img", "create", "-q", "-f", "qcow2", dir / "disk.qcow2", "1M"});
	auto const qcow = run_rawswarm({"info", dir / "disk.qcow2"});
	EXPECT_TRUE(exits_with(qcow, exit_code::target));
	EXPECT_NE(qcow.err.find("it is a qcow2 image"), std::string::npos) << qcow.err;
	run_checked({"qemu-img", "create", "-q", "-f", "vpc", "-o", "subformat=fixed", dir / "disk.vhd", "1M"});
	auto const vhd = run_rawswarm({"info", dir / "disk.vhd"});
	EXPECT_TRUE(exits_with(vhd, exit_code::target)) << "its mark is at the end";
	EXPECT_NE(vhd.err.find("it is a VHD image"), std::string::npos) << vhd.err;
	write_file(dir / "bad.torrent", "d8:announce3:abc4:infod6:lengthi5eee");
	EXPECT_TRUE(exits_with(run_rawswarm({"info", dir / "bad.torrent"}), exit_code::refused));
	EXPECT_TRUE(exits_with(run_rawswarm({"info", dir / "nothing"}), exit_code::target));
	write_file(dir / "empty", "");
	EXPECT_TRUE(exits_with(run_rawswarm({"info", dir / "empty"}), exit_code::target));
}

} // namespace rawswarm::test
