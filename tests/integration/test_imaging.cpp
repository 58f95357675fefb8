// SPDX-License-Identifier: BSD-3-Clause
// From `rawswarm seed` to a block device: every byte of the extents, and no other.
#include "tests/support/device/device_content.hpp"
#include "tests/support/device/loop_device.hpp"
#include "tests/support/network/free_port.hpp"
#include "tests/support/network/listeners.hpp"
#include "tests/support/program/prepared_image.hpp"
#include "tests/support/program/rawswarm_program.hpp"

#include <gtest/gtest.h>

namespace rawswarm::test
{

namespace
{

constexpr int mib = 1024 * 1024;

class imaging_by_piece_size : public ::testing::TestWithParam<int>
{};

// Images a loop device of this kind, on which everything outside the extents must stay as it was.
void expect_imaged(prepared_image const& image, loop_options const& kind)
{
	loop_device const device(image.device_size, kind);
	fill_with_pattern(device.path(), image.device_size);
	seeding_agent const seeder(image.torrent_path, image.source_path);

	auto job = loopback_job({seeder.port()});
	job["targets"].push_back(image_target(image.torrent_path, device.path()));
	ASSERT_TRUE(exits_with(run_job(image.dir, job), exit_code::done));

	EXPECT_TRUE(device_equals(device.path(), image.torrent.files, background::pattern));
}

} // namespace

TEST_P(imaging_by_piece_size, five_thousand_extents_in_shuffled_order_reach_the_device_byte_for_byte)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	prepared_image const image(
		extent_layout{.count = 5000, .largest = 56 * 1024}, {.piece_size = GetParam(), .shuffled = true});
	expect_imaged(image, {});
}

INSTANTIATE_TEST_SUITE_P(pieces, imaging_by_piece_size, ::testing::Values(1 * mib, 16 * mib),
	[](auto const& size) { return std::to_string(size.param / mib) + "_mib"; });

// Sectors of 4 KiB; the last extent may end inside one.
TEST(imaging, extents_of_whole_sectors_reach_a_device_with_large_sectors)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	constexpr std::uint64_t sector = 4096;
	auto files = scattered_extents({.count = 300, .largest = 20'000});
	std::uint64_t offset = 0;
	for (auto& file : files)
	{
		file.bytes.resize((file.bytes.size() + sector - 1) / sector * sector, 'x');
		file.offset = offset += sector;
		offset += file.bytes.size();
	}
	files.back().bytes.resize(files.back().bytes.size() - 100);
	prepared_image const image(files, {.shuffled = true});
	expect_imaged(image, {.sector_size = sector});
}

// The file system has blocks smaller than the sectors, so it could never be mounted.
TEST(imaging, extents_that_do_not_fit_large_sectors_are_refused)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	prepared_image const image({{.offset = 4096, .bytes = std::string(512, 'a')},
		{.offset = 8192, .bytes = std::string(4096, 'b')}});
	loop_device const device(image.device_size, {.sector_size = 4096});
	fill_with_pattern(device.path(), image.device_size);
	device_snapshot const before(device.path());

	auto job = loopback_job();
	job["targets"].push_back(image_target(image.torrent_path, device.path()));
	auto const result = run_job(image.dir, job);

	EXPECT_TRUE(exits_with(result, exit_code::target));
	EXPECT_NE(result.err.find("its sectors have 4096 bytes"), std::string::npos) << result.err;
	EXPECT_EQ(device_snapshot(device.path()), before);
}

// All machines of a room may be switched on before the image server is.
TEST(imaging, an_agent_that_starts_before_its_only_peer_is_served_once_the_peer_is_there)
{
	prepared_image const image(extent_layout{.count = 50});
	auto const target = image.dir / "target.img";
	auto const port = free_port();
	auto job = loopback_job({port});
	job["targets"].push_back(image_target(image.torrent_path, target));
	child_process agent(run_command(image.dir, job));
	ASSERT_FALSE(agent.wait(std::chrono::seconds(1)));

	child_process const seeder(rawswarm_command(
		{"seed", image.torrent_path, image.source_path, "--listen", loopback(port), "--no-lsd"}));
	ASSERT_TRUE(exits_with(agent, exit_code::done));

	EXPECT_TRUE(device_equals(target, image.torrent.files, background::zeros));
}

} // namespace rawswarm::test
