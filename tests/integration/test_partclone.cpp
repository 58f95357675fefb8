// SPDX-License-Identifier: BSD-3-Clause
// Images that partclone makes for BitTorrent: a folder of offset-named files and its torrent.info.
#include "tests/support/base/random_bytes.hpp"
#include "tests/support/base/skip.hpp"
#include "tests/support/device/device_content.hpp"
#include "tests/support/device/loop_device.hpp"
#include "tests/support/program/prepared_image.hpp"
#include "tests/support/program/rawswarm_program.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <map>

namespace rawswarm::test
{

namespace
{

namespace fs = std::filesystem;

constexpr std::uint64_t mib = 1024 * 1024;
constexpr std::uint64_t device_size = 48 * mib;

std::map<std::string, std::string> some_files()
{
	return {{"kernel", random_bytes(1, 5'000'001)}, {"settings", "a = b\n"}, {"empty", ""},
		{"data", random_bytes(2, 9'999'999)}};
}

// An ext4 file system with the files, on the device.
void make_file_system(std::string const& device)
{
	run_checked({"mkfs.ext4", "-q", device});
	scoped_mount const mount(device, "ext4");
	for (auto const& [name, bytes] : some_files())
	{
		write_file(mount / name, bytes);
	}
}

void expect_file_system(std::string const& device)
{
	EXPECT_TRUE(exits_with(run({"e2fsck", "-fn", device}), 0));
	scoped_mount const mount(device, "ext4", {}, true);
	for (auto const& [name, bytes] : some_files())
	{
		EXPECT_TRUE(content_equals(mount / name, bytes));
	}
}

} // namespace

TEST(partclone, image_folder_becomes_a_file_system_on_a_device)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	SKIP_WITHOUT("partclone.ext4");
	temp_dir const dir;
	loop_device const source(device_size);
	make_file_system(source.path());
	auto const folder = dir.path() / "image";
	fs::create_directory(folder);
	run_checked({"partclone.ext4", "--clone", "--btfiles", "--source", source.path(), "--overwrite",
		folder.string() + "/", "--logfile", dir / "partclone.log"});
	ASSERT_TRUE(fs::exists(folder / "torrent.info"));

	ASSERT_TRUE(
		exits_with(run_rawswarm({"create", folder.string(), "-o", dir / "disk.torrent"}), exit_code::done));
	seeding_agent const seeder(dir / "disk.torrent", folder.string());
	loop_device const device(device_size);
	fill_with_pattern(device.path(), device_size);
	auto job = loopback_job({seeder.port()});
	job["targets"].push_back(image_target(dir / "disk.torrent", device.path()));
	ASSERT_TRUE(exits_with(run_job(dir, job), exit_code::done));

	expect_file_system(device.path());
}

} // namespace rawswarm::test
