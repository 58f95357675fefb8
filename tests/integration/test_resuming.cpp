// SPDX-License-Identifier: BSD-3-Clause
// After power cuts and small changes, only pieces that are not on the device are fetched.
#include "base/unique_fd.hpp"
#include "tests/support/base/random_bytes.hpp"
#include "tests/support/base/random_seed.hpp"
#include "tests/support/base/wait_until.hpp"
#include "tests/support/device/device_content.hpp"
#include "tests/support/device/loop_device.hpp"
#include "tests/support/network/stock_client.hpp"
#include "tests/support/program/prepared_image.hpp"
#include "tests/support/program/rawswarm_program.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <iostream>
#include <random>
#include <string>
#include <thread>

#include <fcntl.h>

namespace rawswarm::test
{

namespace
{

constexpr std::uint64_t mebibyte = 1024 * 1024;
constexpr int piece_size = 256 * 1024;

// One extent of random bytes, seeded by a stock client, which knows how much it has sent.
class resuming : public ::testing::Test
{
protected:
	resuming()
		: m_image(one_extent(), {.piece_size = piece_size})
	{
		write_files(m_image.torrent, m_image.dir.path());
		m_seeder.seed(m_image.torrent, m_image.dir.path());
	}

	static std::vector<torrent_file> one_extent()
	{
		return {{.offset = mebibyte, .bytes = random_bytes(7, size)}};
	}

	nlohmann::json job(std::string const& device) const
	{
		auto job = loopback_job({m_seeder.port()});
		job["targets"].push_back(image_target(m_image.torrent_path, device));
		job["targets"][0]["existing"] = "verify";
		return job;
	}

	// What the agent started dies after it, and has the device until the kernel is through with its last
	// request.
	static bool is_given_back(std::string const& device)
	{
		return wait_until(
			[&] { return bool(unique_fd(::open(device.c_str(), O_RDONLY | O_EXCL | O_CLOEXEC))); },
			std::chrono::seconds(60));
	}

	static constexpr std::uint64_t size = 96 * mebibyte;
	prepared_image m_image;
	stock_client m_seeder;
};

} // namespace

// Each power cut loses the blocks that were requested or in memory at that moment, those of a few pieces.
TEST_F(resuming, agent_that_is_killed_at_20_moments_ends_right_and_fetches_little_twice)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	constexpr int kills = 20;
	auto const seed = random_seed();
	RecordProperty("seed", std::to_string(seed));
	std::cout << "seed " << seed << "\n";
	std::mt19937_64 random(seed);
	loop_device const device(m_image.device_size);
	fill_with_pattern(device.path(), m_image.device_size);

	// all runs together take about 15 seconds
	m_seeder.limit_upload(static_cast<int>(size / 25));
	for (int i = 0; i < kills; ++i)
	{
		child_process agent(run_command(m_image.dir, job(device.path())));
		ASSERT_TRUE(agent.wait_for_text("downloading", std::chrono::seconds(20))) << agent.err();
		std::uniform_int_distribution<int> life(0, 1500);
		std::this_thread::sleep_for(std::chrono::milliseconds(life(random)));
		ASSERT_TRUE(agent.running()) << "done before it was killed " << kills << " times: " << agent.err();
		agent.signal(SIGKILL);
		ASSERT_TRUE(agent.wait(std::chrono::seconds(60)));
		ASSERT_TRUE(is_given_back(device.path()));
	}
	auto const before = m_seeder.uploaded();
	m_seeder.limit_upload(0);
	ASSERT_TRUE(exits_with(run_job(m_image.dir, job(device.path())), exit_code::done));

	EXPECT_TRUE(device_equals(device.path(), m_image.torrent.files, background::pattern));
	auto const fetched = m_seeder.uploaded();
	auto const images = [](std::int64_t const bytes) { return static_cast<double>(bytes) / size; };
	std::cout << "fetched " << images(before) << " images in the lives that were cut off, " << images(fetched)
			  << " in all\n";
	EXPECT_GE(before, static_cast<std::int64_t>(size / 8)) << "killed before it got anywhere";
	EXPECT_LE(fetched, static_cast<std::int64_t>(size + size / 4));
}

TEST_F(resuming, disk_that_differs_in_2_of_100_pieces_fetches_as_much)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	loop_device const device(m_image.device_size);
	fill_with_pattern(device.path(), m_image.device_size);
	auto const& extent = m_image.torrent.files[0];
	write_at(device.path(), extent.offset, extent.bytes);
	constexpr std::uint64_t pieces = size / piece_size;
	constexpr std::uint64_t different = pieces / 50;
	for (std::uint64_t i = 0; i < different; ++i)
	{
		write_at(device.path(), extent.offset + i * 50 * piece_size + 12'345, "different");
	}

	ASSERT_TRUE(exits_with(run_job(m_image.dir, job(device.path())), exit_code::done));

	EXPECT_TRUE(device_equals(device.path(), m_image.torrent.files, background::pattern));
	EXPECT_GE(m_seeder.uploaded(), static_cast<std::int64_t>(different * piece_size));
	// a block may be requested twice at the end of a download
	EXPECT_LE(m_seeder.uploaded(), static_cast<std::int64_t>((different + 1) * piece_size));
}

} // namespace rawswarm::test
