// SPDX-License-Identifier: BSD-3-Clause
// Jobs without peers, rate limits, allowed networks, a port that is taken, and `rawswarm watch`.
#include "tests/support/network/beacon_listener.hpp"
#include "tests/support/network/free_port.hpp"
#include "tests/support/network/listeners.hpp"
#include "tests/support/program/prepared_image.hpp"
#include "tests/support/program/rawswarm_program.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>

namespace rawswarm::test
{

namespace
{

using namespace std::chrono_literals;

constexpr int limit = 2 * 1024 * 1024; // bytes per second

// Takes four seconds at the limit.
constexpr extent_layout one_file{.count = 1, .smallest = 4 * limit, .largest = 4 * limit};

// Half of that time shows that there is a limit: the first second may start with a burst.
void expect_as_slow_as_the_limit(temp_dir const& dir, nlohmann::json const& job)
{
	auto const start = std::chrono::steady_clock::now();
	ASSERT_TRUE(exits_with(run_job(dir, job), exit_code::done));
	EXPECT_GE(std::chrono::steady_clock::now() - start, 2s);
}

// Seeds the image by a job whose "swarm" has these settings. It listens when this returns.
std::unique_ptr<child_process> serve(
	prepared_image const& image, std::uint16_t port, nlohmann::json const& settings)
{
	auto job = loopback_job();
	job["swarm"]["listen"] = loopback(port);
	job["swarm"].update(settings);
	auto source = image_target(image.torrent_path, image.source_path);
	source["role"] = "seed";
	job["targets"].push_back(source);
	auto seeder = std::make_unique<child_process>(run_command(image.dir, job));
	EXPECT_TRUE(wait_for_listener(port, 10s)) << seeder->err();
	return seeder;
}

} // namespace

TEST(network, job_without_any_peer_gives_up_within_its_time_limit)
{
	prepared_image const image(extent_layout{.count = 20});
	beacon_listener const listener;
	auto job = loopback_job();
	job["timeout_seconds"] = 2;
	job["beacon"] = {{"to", {listener.address()}}, {"interval_ms", 100}};
	job["targets"].push_back(image_target(image.torrent_path, image.dir / "target.img"));

	child_process agent(run_command(image.dir, job));
	ASSERT_TRUE(exits_with(agent, exit_code::network, 8s));

	EXPECT_GE(std::chrono::steady_clock::now() - agent.started(), 2s);
	auto const failed = listener.wait_for_state("failed", 1s);
	ASSERT_TRUE(failed);
	EXPECT_EQ(failed->json.at("error").value("code", 0), exit_code::network) << failed->text;
}

// The peer's host is there and refuses the connection.
TEST(network, job_whose_only_peer_is_not_there_gives_up_within_its_time_limit)
{
	prepared_image const image(extent_layout{.count = 20});
	auto job = loopback_job({free_port()});
	job["timeout_seconds"] = 2;
	job["targets"].push_back(image_target(image.torrent_path, image.dir / "target.img"));
	EXPECT_TRUE(exits_with(run_job(image.dir, job, 8s), exit_code::network));
}

TEST(network, download_limit_is_kept)
{
	prepared_image const image(one_file);
	seeding_agent const seeder(image.torrent_path, image.source_path);
	auto job = loopback_job({seeder.port()});
	job["swarm"]["download_limit"] = limit;
	job["targets"].push_back(image_target(image.torrent_path, image.dir / "target.img"));
	expect_as_slow_as_the_limit(image.dir, job);
}

TEST(network, upload_limit_is_kept)
{
	prepared_image const image(one_file);
	auto const port = free_port();
	auto const seeder = serve(image, port, {{"upload_limit", limit}});

	temp_dir const dir;
	auto job = loopback_job({port});
	job["targets"].push_back(image_target(image.torrent_path, dir / "target.img"));
	expect_as_slow_as_the_limit(dir, job);
}

TEST(network, peer_outside_of_the_allowed_networks_is_not_dialled)
{
	prepared_image const image(extent_layout{.count = 20});
	seeding_agent const seeder(image.torrent_path, image.source_path);
	auto job = loopback_job({seeder.port()});
	job["timeout_seconds"] = 3;
	job["targets"].push_back(image_target(image.torrent_path, image.dir / "target.img"));
	job["swarm"]["allow"] = {"10.0.0.0/8"};
	EXPECT_TRUE(exits_with(run_job(image.dir, job), exit_code::network));

	job["swarm"]["allow"] = {"10.0.0.0/8", "127.0.0.0/8"};
	EXPECT_TRUE(exits_with(run_job(image.dir, job), exit_code::done));
}

TEST(network, peer_outside_of_the_allowed_networks_is_not_answered)
{
	prepared_image const image(extent_layout{.count = 20});
	auto const port = free_port();
	auto const seeder = serve(image, port, {{"allow", {"10.0.0.0/8"}}});

	temp_dir const dir;
	auto job = loopback_job({port});
	job["timeout_seconds"] = 3;
	job["targets"].push_back(image_target(image.torrent_path, dir / "target.img"));
	EXPECT_TRUE(exits_with(run_job(dir, job), exit_code::network));
}

TEST(network, port_that_is_taken_ends_the_job_with_its_address_in_the_message)
{
	prepared_image const image(extent_layout{.count = 20});
	seeding_agent const other(image.torrent_path, image.source_path);
	auto job = loopback_job({other.port()});
	job["swarm"]["listen"] = loopback(other.port());
	job["targets"].push_back(image_target(image.torrent_path, image.dir / "target.img"));
	auto const result = run_job(image.dir, job);
	EXPECT_TRUE(exits_with(result, exit_code::network));
	EXPECT_NE(result.err.find("listening on " + loopback(other.port())), std::string::npos) << result.err;
}

TEST(watch, ends_well_once_the_expected_agent_is_done)
{
	prepared_image const image(extent_layout{.count = 20});
	seeding_agent const seeder(image.torrent_path, image.source_path);
	auto const port = free_port();
	child_process watcher(rawswarm_command({"watch", "--listen", loopback(port), "--expect", "1"}));
	ASSERT_TRUE(wait_for_udp_listener(port, 10s)) << watcher.err();

	auto job = loopback_job({seeder.port()});
	job["beacon"] = {{"to", {loopback(port)}}, {"interval_ms", 100}};
	job["targets"].push_back(image_target(image.torrent_path, image.dir / "target.img"));
	ASSERT_TRUE(exits_with(run_job(image.dir, job), exit_code::done));

	EXPECT_TRUE(exits_with(watcher, exit_code::done, 10s));
}

TEST(watch, ends_with_the_code_of_an_agent_that_failed)
{
	prepared_image const image(extent_layout{.count = 20});
	auto const port = free_port();
	child_process watcher(rawswarm_command({"watch", "--listen", loopback(port), "--expect", "1"}));
	ASSERT_TRUE(wait_for_udp_listener(port, 10s)) << watcher.err();

	auto job = loopback_job();
	job["beacon"] = {{"to", {loopback(port)}}, {"interval_ms", 100}};
	job["targets"].push_back(image_target(image.torrent_path, "/dev/rawswarm-test-missing"));
	ASSERT_TRUE(exits_with(run_job(image.dir, job), exit_code::target));

	EXPECT_TRUE(exits_with(watcher, exit_code::target, 10s));
	EXPECT_NE((watcher.out() + watcher.err()).find("/dev/rawswarm-test-missing"), std::string::npos)
		<< watcher.out() << watcher.err();
}

} // namespace rawswarm::test
