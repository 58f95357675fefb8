// SPDX-License-Identifier: BSD-3-Clause
// What a machine waits for, how long, and that it says so: bytes that arrive slowly, no peers at all, nobody
// to serve.
#include "tests/support/network/beacon_listener.hpp"
#include "tests/support/network/free_port.hpp"
#include "tests/support/network/listeners.hpp"
#include "tests/support/program/prepared_image.hpp"
#include "tests/support/program/rawswarm_program.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>

namespace rawswarm::test
{

namespace
{

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

constexpr std::uint64_t mib = 1024 * 1024;

} // namespace

// One piece takes eight seconds.
TEST(waiting, job_whose_pieces_take_longer_than_its_time_limit_is_done_as_bytes_arrive)
{
	prepared_image const image(
		extent_layout{.count = 1, .smallest = 16 * mib, .largest = 16 * mib}, {.piece_size = 16 * mib});
	seeding_agent const seeder(image.torrent_path, image.source_path);
	auto job = loopback_job({seeder.port()});
	job["swarm"]["download_limit"] = 2 * mib;
	job["timeout_seconds"] = 4;
	job["targets"].push_back(image_target(image.torrent_path, image.dir / "target.img"));
	child_process agent(run_command(image.dir, job));
	ASSERT_TRUE(exits_with(agent, exit_code::done, 60s));
	EXPECT_GT(clock::now() - agent.started(), 4s);
}

TEST(waiting, machine_that_nobody_needs_ends_at_once)
{
	prepared_image const image(extent_layout{.count = 20});
	seeding_agent const seeder(image.torrent_path, image.source_path);
	auto job = loopback_job({seeder.port()});
	job.erase("seed_until"); // 15 seconds of idle time
	job["targets"].push_back(image_target(image.torrent_path, image.dir / "target.img"));
	child_process agent(run_command(image.dir, job));
	ASSERT_TRUE(exits_with(agent, exit_code::done, 60s));
	EXPECT_LT(clock::now() - agent.started(), 12s) << agent.err();
}

TEST(waiting, idle_time_that_a_job_asks_for_is_waited_for_and_said)
{
	prepared_image const image(extent_layout{.count = 20});
	seeding_agent const seeder(image.torrent_path, image.source_path);
	auto job = loopback_job({seeder.port()});
	job["seed_until"] = {{"idle_seconds", 5}};
	job["targets"].push_back(image_target(image.torrent_path, image.dir / "target.img"));
	child_process agent(run_command(image.dir, job));
	ASSERT_TRUE(exits_with(agent, exit_code::done, 60s));
	EXPECT_GE(clock::now() - agent.started(), 5s);
	EXPECT_NE(agent.err().find("serves until nobody has asked for 5 s"), std::string::npos) << agent.err();
}

TEST(waiting, machine_without_peers_says_so_after_a_minute_with_the_reason_on_its_screen_and_in_its_beacons)
{
	prepared_image const image(extent_layout{.count = 20});
	beacon_listener const listener;
	auto const port = free_port();
	auto job = loopback_job({port});
	job["beacon"] = {{"to", {listener.address()}}, {"interval_ms", 500}};
	job["targets"].push_back(image_target(image.torrent_path, image.dir / "target.img"));
	child_process agent(run_command(image.dir, job));
	std::this_thread::sleep_for(70s);
	ASSERT_TRUE(agent.running()) << agent.err();
	auto const reason = "no peers: " + loopback(port) + ": Connection refused";
	auto const screen = agent.err();
	auto const line = screen.rfind("rawswarm: downloading");
	ASSERT_NE(line, std::string::npos) << screen;
	EXPECT_NE(screen.find(reason, line), std::string::npos) << screen;
	auto const says_so = [&](nlohmann::json const& b) {
		return b.at("targets").at(0).value("note", "").starts_with(reason);
	};
	EXPECT_TRUE(listener.wait_for(says_so, 5s)) << screen;
}

TEST(waiting, job_that_gives_up_says_why_it_has_no_peers)
{
	prepared_image const image(extent_layout{.count = 20});
	auto const port = free_port();
	auto job = loopback_job({port});
	job["timeout_seconds"] = 3;
	job["targets"].push_back(image_target(image.torrent_path, image.dir / "target.img"));
	auto const result = run_job(image.dir, job);
	EXPECT_TRUE(exits_with(result, exit_code::network));
	EXPECT_NE(result.err.find("no peers: " + loopback(port) + ": Connection refused"), std::string::npos)
		<< result.err;
}

} // namespace rawswarm::test
