// SPDX-License-Identifier: BSD-3-Clause
// Images of whole disks whose partitions overlap, as those of installation media do: the bytes are right, and
// what the kernel does not show yet is said.
#include "tests/support/base/skip.hpp"
#include "tests/support/device/loop_device.hpp"
#include "tests/support/program/prepared_image.hpp"
#include "tests/support/program/rawswarm_program.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>

namespace rawswarm::test
{

namespace
{

constexpr std::uint64_t mib = 1024 * 1024;

// An entry of an MBR: type, first sector, number of sectors.
void put_entry(std::string& mbr, int const number, std::uint8_t const type, std::uint32_t const first,
	std::uint32_t const sectors)
{
	auto* const entry = mbr.data() + 446 + 16 * (number - 1);
	entry[4] = static_cast<char>(type);
	std::memcpy(entry + 8, &first, 4); // little-endian, as tests run
	std::memcpy(entry + 12, &sectors, 4);
}

} // namespace

TEST(overlapping_partitions, an_image_that_has_them_is_done_and_the_one_that_is_not_shown_is_named)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	std::string mbr(512, '\0');
	put_entry(mbr, 1, 0x83, 64, 8000);
	put_entry(mbr, 2, 0xef, 2048, 1024);
	put_entry(mbr, 3, 0x83, 8192, 1024);
	mbr[510] = '\x55';
	mbr[511] = '\xaa';
	prepared_image const image({{.offset = 0, .bytes = mbr}, {.offset = 6 * mib, .bytes = "end"}});
	seeding_agent const seeder(image.torrent_path, image.source_path);
	loop_device const disk(8 * mib);
	auto job = loopback_job({seeder.port()});
	job["targets"].push_back(image_target(image.torrent_path, disk.path()));
	auto command = run_command(image.dir, job);
	command.argv.emplace_back("--json");
	auto const result = run(command);
	EXPECT_TRUE(exits_with(result, exit_code::done));
	EXPECT_EQ(read_at(disk.path(), 0, 512), mbr);
	EXPECT_NE(result.out.find("the kernel does not show partition 2, which overlaps another one"),
		std::string::npos)
		<< result.out;
	EXPECT_TRUE(std::filesystem::exists(disk.path() + "p1"));
	EXPECT_TRUE(std::filesystem::exists(disk.path() + "p3"));
}

} // namespace rawswarm::test
