// SPDX-License-Identifier: BSD-3-Clause
// Memory of the whole program, with all that the kernel counts for it, in a control group: a device slower
// than the network, and peers that have everything.
#include "tests/support/base/random_bytes.hpp"
#include "tests/support/device/device_content.hpp"
#include "tests/support/device/fuse_disk.hpp"
#include "tests/support/device/loop_device.hpp"
#include "tests/support/network/complete_peers.hpp"
#include "tests/support/network/nginx_server.hpp"
#include "tests/support/program/memory_group.hpp"
#include "tests/support/program/peak_memory.hpp"
#include "tests/support/program/prepared_image.hpp"
#include "tests/support/program/rawswarm_program.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace rawswarm::test
{

namespace
{

using std::chrono::seconds;

constexpr std::uint64_t mib = 1024 * 1024;

// A disk that takes so many bytes a second.
class slow_disk : public fuse_behaviour
{
public:
	void on_written(std::uint64_t /*offset*/, std::span<char> const kept) override
	{
		std::this_thread::sleep_for(std::chrono::microseconds(kept.size() / bytes_per_us));
	}

private:
	static constexpr std::size_t bytes_per_us = 40;
};

class memory : public ::testing::TestWithParam<int>
{
protected:
	void SetUp() override
	{
		SKIP_WITHOUT_LOOP_DEVICES();
		if (!fuse_available() || !memory_groups_available())
		{
			GTEST_SKIP() << "no FUSE, or no control groups";
		}
	}
};

// The most that the program took, in MiB, with a budget of 8 MiB. It must end well.
std::uint64_t peak_mib_with_8_mib(temp_dir const& dir, nlohmann::json job)
{
	job["storage"] = {{"memory", "8M"}};
	auto const measured = run_measured(run_command(dir, job), seconds(60));
	EXPECT_TRUE(exits_with(measured.ended, exit_code::done));
	return measured.peak_mib;
}

} // namespace

// 128 MiB are what "auto" chooses in such a group.
TEST_P(memory, stays_within_the_budget_and_64_mib_beside_a_slow_disk)
{
	constexpr int piece_size = 1024 * 1024;
	std::vector<torrent_file> files(1);
	files.front().bytes = random_bytes(1, 256 * mib);
	prepared_image const image(std::move(files), {.piece_size = piece_size});
	complete_peers const peers(
		image.torrent.info_hash, image.torrent.files.front().bytes, piece_size, GetParam());
	slow_disk behaviour;
	fuse_disk const disk(image.device_size, behaviour);
	loop_device const device(disk.file());
	auto job = loopback_job(peers.ports());
	job["targets"].push_back(image_target(image.torrent_path, device.path()));
	job["storage"] = {{"profile", "hdd"}};
	memory_group const group(192 * mib);
	auto command = run_command(image.dir, job);
	command.argv.emplace_back("--json");

	auto const result = run(group.inside(command), seconds(100));

	ASSERT_TRUE(exits_with(result, exit_code::done)) << "137: the kernel ended it";
	auto const storage = nlohmann::json::parse(result.out).at("storage");
	EXPECT_EQ(storage.at("read_back"), 0) << storage;
	EXPECT_EQ(storage.at("written_through"), 0) << storage;
	EXPECT_GT(storage.at("peers_stopped"), 0) << "the disk was not slower than the peers";
	EXPECT_TRUE(device_equals(device.path(), image.torrent.files, background::zeros));
}

INSTANTIATE_TEST_SUITE_P(
	peers, memory, ::testing::Values(1, 8, 30, 200), [](auto const& p) { return std::to_string(p.param); });

// A piece is kept whole until its hash is known, and is then copied into the pool while the next one comes.
TEST(memory_of_web_seeds, is_three_pieces_beside_the_budget_at_most)
{
	SKIP_WITHOUT_NGINX();
	constexpr std::uint64_t piece = 64 * mib;
	std::vector<torrent_file> files(1);
	files.front().bytes = random_bytes(1, 3 * piece);
	prepared_image const image(std::move(files), {.piece_size = static_cast<int>(piece)});
	nginx_server const server(image.dir.path());
	auto job = loopback_job();
	job["swarm"]["web_seeds"] = {server.url("source.img")};
	job["targets"].push_back(image_target(image.torrent_path, image.dir / "target.img"));

	EXPECT_LT(peak_mib_with_8_mib(image.dir, job), 3 * 64 + 8 + 64);

	EXPECT_TRUE(device_equals(image.dir / "target.img", image.torrent.files, background::zeros));
}

// Frames are fetched a megabyte at a time.
TEST(memory_of_web_seeds, is_the_same_for_a_compressed_image)
{
	SKIP_WITHOUT_NGINX();
	temp_dir const dir;
	auto content = random_bytes(1, 192 * mib);
	std::ranges::for_each(content, [](char& c) { c = static_cast<char>(c & 0x0f); });
	write_file(dir / "disk.img", content);
	ASSERT_TRUE(exits_with(run_rawswarm({"create", dir / "disk.img", "-o", dir / "disk.torrent",
											"--piece-size", "16M", "--compress=1"},
							   seconds(60)),
		exit_code::done));
	nginx_server const server(dir.path());
	auto job = loopback_job();
	job["swarm"]["web_seeds"] = {server.url("disk.zst")};
	job["targets"].push_back(image_target(dir / "disk.torrent", dir / "target.img"));

	EXPECT_LT(peak_mib_with_8_mib(dir, job), 3 * 16 + 8 + 64);

	EXPECT_TRUE(read_file(dir / "target.img") == content) << "the target differs";
}

} // namespace rawswarm::test
