// SPDX-License-Identifier: BSD-3-Clause
// SIGINT and SIGTERM during a download: an orderly flush, and an exit code for each. The peer is slow, so
// that the signal comes in time.
#include "tests/support/device/device_content.hpp"
#include "tests/support/device/loop_device.hpp"
#include "tests/support/network/beacon_listener.hpp"
#include "tests/support/network/stock_client.hpp"
#include "tests/support/program/prepared_image.hpp"
#include "tests/support/program/rawswarm_program.hpp"

#include <gtest/gtest.h>

#include <csignal>

namespace rawswarm::test
{

namespace
{

using namespace std::chrono_literals;

constexpr int mib = 1024 * 1024;

std::int64_t counter(received_beacon const& beacon, char const* name)
{
	auto const targets = beacon.json.value("targets", nlohmann::json::array());
	return targets.empty() ? 0 : targets.at(0).value(name, std::int64_t{0});
}

// Bytes on the device that belong to complete pieces, whose every byte is right.
std::int64_t bytes_in_whole_pieces(
	made_torrent const& torrent, std::string const& content, std::uint64_t piece_size)
{
	std::int64_t total = 0;
	std::int64_t in_piece = 0;
	bool right = true;
	std::uint64_t at = 0; // in the torrent
	for (auto const& file : torrent.files)
	{
		for (std::uint64_t done = 0; done < file.bytes.size();)
		{
			auto const length = std::min(file.bytes.size() - done, piece_size - at % piece_size);
			right = right && content.compare(file.offset + done, length, file.bytes, done, length) == 0;
			in_piece += static_cast<std::int64_t>(length);
			done += length;
			at += length;
			if (at % piece_size == 0)
			{
				total += right ? in_piece : 0;
				in_piece = 0;
				right = true;
			}
		}
	}
	return total + (right ? in_piece : 0);
}

void expect_orderly_end(int signal, int code)
{
	int const piece_size = 256 * 1024;
	prepared_image const image(
		extent_layout{.count = 400, .smallest = 50'000, .largest = 100'000}, {.piece_size = piece_size});
	loop_device const device(image.device_size);
	fill_with_pattern(device.path(), image.device_size);
	write_files(image.torrent, image.dir.path());
	stock_client seeder;
	seeder.limit_upload(4 * mib);
	seeder.seed(image.torrent, image.dir.path());
	beacon_listener const listener;
	auto job = loopback_job({seeder.port()});
	job["targets"].push_back(image_target(image.torrent_path, device.path()));
	job["beacon"] = {{"to", {listener.address()}}, {"interval_ms", 100}};

	child_process agent(run_command(image.dir, job));
	auto const under_way = listener.wait_for(
		[](nlohmann::json const& beacon) {
			auto const targets = beacon.value("targets", nlohmann::json::array());
			return !targets.empty() && targets.at(0).value("done", std::int64_t{0}) >= 4 * mib;
		},
		15s);
	ASSERT_TRUE(under_way) << agent.err();
	agent.signal(signal);
	ASSERT_TRUE(exits_with(agent, code, 10s));

	auto const beacons = listener.beacons();
	auto const right = bytes_in_whole_pieces(
		image.torrent, read_at(device.path(), 0, image.device_size), static_cast<std::uint64_t>(piece_size));
	EXPECT_LT(right, static_cast<std::int64_t>(total_size(image.torrent.files)))
		<< "it was not in the middle";
	EXPECT_GE(right, counter(*under_way, "done")) << under_way->text;
	EXPECT_GE(right, counter(beacons.back(), "done")) << beacons.back().text;
	EXPECT_GE(counter(beacons.back(), "synced"), counter(*under_way, "done")) << beacons.back().text;
	EXPECT_FALSE(listener.wait_for_state("done", 0ms));
}

} // namespace

TEST(stopping, interrupt_ends_with_130_and_what_was_reported_is_on_the_device)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	expect_orderly_end(SIGINT, exit_code::interrupted);
}

TEST(stopping, termination_ends_with_143_and_what_was_reported_is_on_the_device)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	expect_orderly_end(SIGTERM, exit_code::terminated);
}

TEST(stopping, agent_that_waits_for_peers_ends_at_once)
{
	prepared_image const image(extent_layout{.count = 20});
	auto job = loopback_job();
	beacon_listener const listener;
	job["beacon"] = {{"to", {listener.address()}}, {"interval_ms", 100}};
	job["targets"].push_back(image_target(image.torrent_path, image.dir / "target.img"));
	child_process agent(run_command(image.dir, job));
	ASSERT_TRUE(listener.wait_for_state("downloading", 10s)) << agent.err();
	agent.signal(SIGTERM);
	EXPECT_TRUE(exits_with(agent, exit_code::terminated, 5s));
}

TEST(stopping, seeding_agent_ends_at_once)
{
	prepared_image const image(extent_layout{.count = 20});
	seeding_agent seeder(image.torrent_path, image.source_path);
	seeder.process().signal(SIGINT);
	EXPECT_TRUE(exits_with(seeder.process(), exit_code::interrupted, 5s));
}

} // namespace rawswarm::test
