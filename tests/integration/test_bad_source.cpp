// SPDX-License-Identifier: BSD-3-Clause
// A seeder whose source has a piece that is wrong or cannot be read: it serves the rest, and says so.
#include "tests/support/base/random_bytes.hpp"
#include "tests/support/device/device_content.hpp"
#include "tests/support/device/fuse_disk.hpp"
#include "tests/support/device/loop_device.hpp"
#include "tests/support/network/beacon_listener.hpp"
#include "tests/support/network/free_port.hpp"
#include "tests/support/network/listeners.hpp"
#include "tests/support/program/prepared_image.hpp"
#include "tests/support/program/rawswarm_program.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <thread>

namespace rawswarm::test
{

namespace
{

using namespace std::chrono_literals;

constexpr int piece_size = 256 * 1024;
constexpr std::uint64_t size = 40 * piece_size;

// 2 MB/s for every request, once the test begins.
class slow_disk : public fuse_behaviour
{
public:
	void begin() { *m_is_slow = true; }

	void on_request(std::uint64_t, std::size_t const length, std::chrono::steady_clock::duration) override
	{
		if (*m_is_slow)
		{
			std::this_thread::sleep_for(std::chrono::microseconds(length / 2));
		}
	}

private:
	std::atomic<bool>* m_is_slow = ::new (shared_memory(sizeof(std::atomic<bool>))) std::atomic<bool>(false);
};

class bad_source : public ::testing::Test
{
protected:
	static std::vector<torrent_file> one_extent()
	{
		std::vector<torrent_file> files(1);
		files.front().bytes = random_bytes(1, size);
		return files;
	}

	bad_source()
		: m_image(one_extent(), {.piece_size = piece_size})
	{}

	// Images a file from the seeder at this port, and tells of it.
	child_options client_of(std::uint16_t const port, beacon_listener const& progress) const
	{
		auto job = loopback_job({port});
		job["targets"].push_back(image_target(m_image.torrent_path, m_image.dir / "target.img"));
		job["beacon"] = {{"to", {progress.address()}}, {"interval_ms", 100}};
		return run_command(m_image.dir, job);
	}

	static auto has_done(std::uint64_t const bytes)
	{
		return [bytes](nlohmann::json const& beacon) {
			auto const targets = beacon.value("targets", nlohmann::json::array());
			return !targets.empty() && targets[0].value("done", std::uint64_t(0)) == bytes;
		};
	}

	// Images a file from the source until it has as many right pieces, then expects the seeder to end with
	// this code when it is stopped.
	void expect_the_rest_is_served(std::string const& source, std::uint64_t const right_bytes, int const code)
	{
		auto const port = free_port();
		beacon_listener const listener;
		child_process seeder(rawswarm_command({"seed", m_image.torrent_path, source, "--listen",
			"127.0.0.1:" + std::to_string(port), "--no-lsd", "--beacon", listener.address()}));
		ASSERT_TRUE(wait_for_listener(port, 10s)) << seeder.err();
		beacon_listener const progress;
		child_process agent(client_of(port, progress));
		EXPECT_TRUE(progress.wait_for(has_done(right_bytes), 40s)) << seeder.err() << agent.err();
		EXPECT_TRUE(seeder.running()) << seeder.err();
		EXPECT_TRUE(seeder.wait_for_text("is served no longer", 10s)) << seeder.err();
		auto const tells = [](nlohmann::json const& beacon) {
			return beacon.value("state", "") == "seeding" && beacon.contains("error");
		};
		EXPECT_TRUE(listener.wait_for(tells, 5s)) << seeder.err();
		agent.signal(SIGTERM);
		seeder.signal(SIGTERM);
		EXPECT_TRUE(exits_with(agent, exit_code::terminated, 20s));
		EXPECT_TRUE(exits_with(seeder, code, 20s));
	}

	prepared_image m_image;
};

} // namespace

TEST_F(bad_source, wrong_piece_is_not_served_and_the_rest_is)
{
	write_at(m_image.source_path, 7 * piece_size + 100, "wrong");
	expect_the_rest_is_served(m_image.source_path, size - piece_size, exit_code::verification);
}

// Piece by piece, as each is found to be right.
TEST_F(bad_source, what_is_right_is_served_while_the_rest_is_hashed)
{
	if (!fuse_available())
	{
		GTEST_SKIP() << "no FUSE";
	}
	write_at(m_image.source_path, piece_size + 100, "wrong");
	slow_disk behaviour;
	fuse_disk const disk(size, behaviour);
	write_at(disk.file(), 0, read_file(m_image.source_path).substr(0, size));
	behaviour.begin();
	auto const port = free_port();
	child_process seeder(rawswarm_command({"seed", m_image.torrent_path, disk.file(), "--listen",
		"127.0.0.1:" + std::to_string(port), "--no-lsd"}));
	ASSERT_TRUE(wait_for_listener(port, 10s)) << seeder.err();
	beacon_listener const progress;
	child_process agent(client_of(port, progress));
	ASSERT_TRUE(seeder.wait_for_text("39 of 40 pieces are right and served", 120s)) << seeder.err();
	auto const beacons = progress.beacons();
	ASSERT_FALSE(beacons.empty());
	auto const& last = beacons.back().json;
	// the disk reads for both; nothing is served otherwise but what was before
	EXPECT_GE(last["targets"][0]["done"].get<std::uint64_t>(), size / 10) << last.dump();
	EXPECT_TRUE(progress.wait_for(has_done(size - piece_size), 60s)) << seeder.err() << agent.err();
	agent.signal(SIGTERM);
	seeder.signal(SIGTERM);
	EXPECT_TRUE(exits_with(agent, exit_code::terminated, 20s));
	EXPECT_TRUE(exits_with(seeder, exit_code::verification, 20s));
}

TEST_F(bad_source, unreadable_pieces_are_not_served_and_the_rest_is)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	auto const backing = m_image.dir / "backing";
	write_file(backing, read_file(m_image.source_path).substr(0, size));
	loop_device const device(backing);
	// where no page of the kernel's cache, however large, holds both sides
	std::filesystem::resize_file(backing, 32 * piece_size);
	expect_the_rest_is_served(device.path(), 32 * piece_size, exit_code::device);
}

// A golden machine that was started once more after its torrent was made.
TEST(booted_source, is_told_at_the_start_and_refused_if_all_of_it_is_to_be_verified)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	constexpr std::uint64_t mib = 1024 * 1024;
	temp_dir const dir;
	loop_device const golden(200 * mib);
	run_checked({"mkfs.ext4", "-q", golden.path()});
	auto const torrent = dir / "golden.torrent";
	ASSERT_TRUE(
		exits_with(run_rawswarm({"create", golden.path(), "-o", torrent, "--skip-zeros"}), exit_code::done));
	auto const serve = [&](std::vector<std::string> const& more) {
		std::vector<std::string> words{"seed", torrent, golden.path(), "--listen", "127.0.0.1:0", "--no-lsd"};
		words.insert(words.end(), more.begin(), more.end());
		return rawswarm_command(words);
	};
	{
		auto const unchanged = run(serve({"--verify", "--seed-seconds", "1"}));
		EXPECT_TRUE(exits_with(unchanged, exit_code::done));
		EXPECT_EQ(unchanged.err.find("no longer"), std::string::npos) << unchanged.err;
		auto const sampled = run(serve({"--seed-seconds", "1"}));
		EXPECT_TRUE(exits_with(sampled, exit_code::done));
		EXPECT_EQ(sampled.err.find("no longer"), std::string::npos) << sampled.err;
	}
	{
		scoped_mount const booted(golden.path(), "ext4");
	}
	child_process seeder(serve({}));
	EXPECT_TRUE(seeder.wait_for_text("it is no longer what its torrent says", 20s)) << seeder.err();
	seeder.signal(SIGTERM);
	EXPECT_TRUE(exits_with(seeder, exit_code::verification));

	auto const verified = run(serve({"--verify"}));
	EXPECT_TRUE(exits_with(verified, exit_code::verification));
	EXPECT_NE(verified.err.find("pieces differ from the torrent"), std::string::npos) << verified.err;
}

} // namespace rawswarm::test
