// SPDX-License-Identifier: BSD-3-Clause
// What a torrent says about where to find peers: its own trackers, and the private flag.
#include "tests/support/base/skip.hpp"
#include "tests/support/network/http_tracker.hpp"
#include "tests/support/network/own_network.hpp"
#include "tests/support/program/prepared_image.hpp"
#include "tests/support/program/rawswarm_program.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>

namespace rawswarm::test
{

namespace
{

using namespace std::chrono_literals;

// A job without a source of peers.
nlohmann::json job_for(prepared_image const& image, temp_dir const& dir)
{
	auto job = loopback_job();
	job["timeout_seconds"] = 5;
	job["targets"].push_back(image_target(image.torrent_path, dir / "target.img"));
	return job;
}

} // namespace

TEST(torrent_sources, tracker_of_the_torrent_is_asked_only_if_the_job_says_so)
{
	http_tracker tracker;
	prepared_image const image(extent_layout{.count = 20}, {.trackers = {tracker.url()}});
	seeding_agent const seeder(image.torrent_path, image.source_path);
	tracker.add_peer(seeder.port());
	temp_dir const dir;

	auto job = job_for(image, dir);
	auto const without = run_job(dir, job);
	EXPECT_TRUE(exits_with(without, exit_code::network));
	EXPECT_EQ(tracker.announces(), 0);
	EXPECT_NE(
		without.err.find("the torrent's own tracker (" + tracker.url() + ") is not asked"), std::string::npos)
		<< without.err;
	EXPECT_NE(without.err.find("\"trackers\": \"torrent\""), std::string::npos) << without.err;

	for (auto const& value : {nlohmann::json("torrent"), nlohmann::json::array({"torrent"})})
	{
		job["swarm"]["trackers"] = value;
		auto const with = run_job(dir, job);
		EXPECT_TRUE(exits_with(with, exit_code::done));
		EXPECT_GE(tracker.announces(), 1);
		EXPECT_EQ(with.err.find("not asked"), std::string::npos) << with.err;
	}
	job["swarm"].erase("trackers");
	write_file(dir / "job.json", job.dump());
	EXPECT_TRUE(exits_with(run_rawswarm({"run", dir / "job.json", "--tracker", "torrent"}), exit_code::done));
}

TEST(torrent_sources, private_torrent_is_not_looked_for_by_local_discovery_and_the_log_says_so)
{
	SKIP_WITHOUT_ROOT();
	own_network const network;
	own_network::ip("link add v0 type veth peer name v1");
	own_network::ip("link set v0 up");
	own_network::ip("link set v1 up");
	own_network::ip("addr add 10.78.0.1/24 dev v0");
	own_network::ip("route add default dev v0");
	for (bool const is_private : {false, true})
	{
		prepared_image const image(extent_layout{.count = 20}, {.is_private = is_private});
		child_process const seeder(
			rawswarm_command({"seed", image.torrent_path, image.source_path, "--listen", "10.78.0.1:6881"}));
		temp_dir const dir;
		auto job = job_for(image, dir);
		job["swarm"] = {{"listen", "10.78.0.1:6882"}};
		job["timeout_seconds"] = 8;
		auto const found = run_job(dir, job, 60s);
		EXPECT_TRUE(exits_with(found, is_private ? exit_code::network : exit_code::done));
		EXPECT_EQ(found.err.find("a private torrent") != std::string::npos, is_private) << found.err;

		job["swarm"]["peers"] = {"10.78.0.1:6881"};
		EXPECT_TRUE(exits_with(run_job(dir, job, 60s), exit_code::done));
	}
}

} // namespace rawswarm::test
