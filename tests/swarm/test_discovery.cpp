// SPDX-License-Identifier: BSD-3-Clause
// How the machines of a room find each other.
#include "tests/support/network/opentracker.hpp"
#include "tests/support/program/room_test.hpp"

#include <algorithm>
#include <functional>

namespace rawswarm::test
{

namespace
{

using namespace std::chrono_literals;

class discovery : public room_test
{
protected:
	// A room whose image takes about 4 seconds.
	void make_room() { make({.clients = 7, .mbit = 100, .mib = 32}); }

	// Starts every host with a job that was changed like this.
	void start_all(std::function<void(nlohmann::json& swarm)> const& change)
	{
		auto seeder = agents().seeder_job();
		change(seeder["swarm"]);
		agents().start_seeder(seeder);
		for (auto const i : clients())
		{
			auto job = agents().client_job(i);
			change(job["swarm"]);
			agents().start(i, job);
		}
	}

	// True once every host is connected to every other.
	bool meshes_within(std::chrono::milliseconds const timeout)
	{
		auto const others = static_cast<int>(hosts().size()) - 1;
		return agents().wait_until(
			[&] {
				return std::ranges::all_of(
					clients(), [&](std::size_t const i) { return agents().peers(i) == others; });
			},
			timeout);
	}

	void expect_it_fills()
	{
		ASSERT_TRUE(agents().are_done(clients(), 30s));
		EXPECT_TRUE(agents().are_right(clients()));
	}
};

class tracker_discovery : public discovery
{
protected:
	void SetUp() override
	{
		discovery::SetUp();
		if (!IsSkipped() && !opentracker::is_installed())
		{
			GTEST_SKIP() << "no opentracker";
		}
	}

	void expect_trackers_to_mesh_the_room(std::vector<std::string> const& urls)
	{
		start_all([&](auto& swarm) {
			swarm.erase("peers");
			swarm["trackers"] = urls;
		});
		EXPECT_TRUE(meshes_within(5s));
		expect_it_fills();
	}
};

} // namespace

// The seeder introduces them to each other. The image takes about 7 seconds.
TEST_F(discovery, seeders_address_alone_meshes_the_room)
{
	make({.clients = 7, .mbit = 20});
	start_all([](auto&) {});
	EXPECT_TRUE(meshes_within(3s));
	expect_it_fills();
}

TEST_F(discovery, local_service_discovery_alone_finds_the_room)
{
	make_room();
	start_all([](auto& swarm) {
		swarm.erase("peers");
		swarm["lsd"] = true;
	});
	EXPECT_TRUE(meshes_within(3s));
	expect_it_fills();
}

TEST_F(tracker_discovery, udp_tracker_alone_finds_the_room)
{
	make_room();
	opentracker const tracker(hosts(), 0, image().torrent);
	expect_trackers_to_mesh_the_room({tracker.url("udp")});
}

TEST_F(tracker_discovery, http_tracker_alone_finds_the_room)
{
	make_room();
	opentracker const tracker(hosts(), 0, image().torrent);
	expect_trackers_to_mesh_the_room({tracker.url("http")});
}

// One host that does not exist, and one that refuses connections.
TEST_F(tracker_discovery, trackers_that_are_down_do_not_delay_the_one_that_works)
{
	make_room();
	opentracker const tracker(hosts(), 0, image().torrent);
	expect_trackers_to_mesh_the_room({"udp://10.77.0.200:6969/announce", "http://10.77.0.201:6969/announce",
		"udp://" + room::address(0) + ":6970/announce", "http://" + room::address(0) + ":6970/announce",
		tracker.url("http")});
}

} // namespace rawswarm::test
