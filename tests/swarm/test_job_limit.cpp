// SPDX-License-Identifier: BSD-3-Clause
// What a job says that its download waited for, where one thing is slow and all else is not.
#include "tests/support/device/fuse_disk.hpp"
#include "tests/support/program/room_test.hpp"

#include <algorithm>
#include <iostream>
#include <thread>

namespace rawswarm::test
{

namespace
{

using namespace std::chrono_literals;

// A disk that takes 16 KiB in 2.5 milliseconds: 6.6 MB per second, while a link carries 25.
struct slow_writes final : fuse_behaviour
{
	void on_written(std::uint64_t, std::span<char> const kept) override
	{
		std::this_thread::sleep_for(2500us * std::max<std::size_t>(1, kept.size() / (16 * 1024)));
	}
};

class limit_of_a_job : public room_test
{
protected:
	// Of the host's report, once all the hosts are done.
	std::string limit(std::size_t const host)
	{
		auto const report = agents().stop(host);
		auto const found = report.value("limit", nlohmann::json::object());
		auto const text = found.value("text", "no limit");
		std::cout << host << ": " << text << "\n";
		EXPECT_NE(agents().log(host).find("the limit was " + text), std::string::npos) << agents().log(host);
		return found.value("by", "none");
	}

	void start_clients(std::chrono::milliseconds const apart = 0ms)
	{
		for (auto const i : clients())
		{
			agents().start(i, agents().client_job(i));
			std::this_thread::sleep_for(apart);
		}
	}
};

} // namespace

TEST_F(limit_of_a_job, is_the_network_where_its_own_link_is_slow)
{
	make({.clients = 1, .mbit = 200, .mib = 16});
	hosts().set_rate(1, 20);
	agents().start_seeder();
	start_clients();
	ASSERT_TRUE(agents().are_done(clients(), 60s));
	EXPECT_EQ(limit(1), "network");
}

TEST_F(limit_of_a_job, is_the_network_where_its_own_link_is_slow_and_others_have_all)
{
	make({.clients = 4, .mbit = 200, .mib = 16});
	hosts().set_rate(4, 20);
	agents().start_seeder();
	start_clients();
	ASSERT_TRUE(agents().are_done(clients(), 60s));
	EXPECT_EQ(limit(4), "network");
}

TEST_F(limit_of_a_job, is_the_network_where_all_links_are_full)
{
	make({.clients = 4, .mbit = 50, .mib = 48, .piece_size = 256 * 1024});
	agents().start_seeder();
	start_clients();
	ASSERT_TRUE(agents().are_done(clients(), 60s));
	for (auto const i : clients())
	{
		EXPECT_EQ(limit(i), "network");
	}
}

TEST_F(limit_of_a_job, is_peers_where_the_seeder_has_a_slow_link_and_a_room_waits_for_it)
{
	make({.clients = 4, .mbit = 200, .mib = 16});
	hosts().set_rate(0, 20);
	agents().start_seeder();
	start_clients();
	ASSERT_TRUE(agents().are_done(clients(), 60s));
	for (auto const i : clients())
	{
		EXPECT_EQ(limit(i), "peers");
	}
}

TEST_F(limit_of_a_job, is_peers_where_nobody_is_there_for_long)
{
	make({.clients = 1, .mbit = 100, .mib = 16});
	start_clients();
	std::this_thread::sleep_for(5s);
	agents().start_seeder();
	ASSERT_TRUE(agents().are_done(clients(), 60s));
	EXPECT_EQ(limit(1), "peers");
}

TEST_F(limit_of_a_job, is_its_own_where_it_sets_one)
{
	make({.clients = 1, .mbit = 200, .mib = 16});
	agents().start_seeder();
	auto job = agents().client_job(1);
	job["swarm"]["download_limit"] = 2'500'000;
	agents().start(1, job);
	ASSERT_TRUE(agents().are_done(clients(), 60s));
	EXPECT_EQ(limit(1), "job");
}

TEST_F(limit_of_a_job, is_the_disk_where_that_is_slow_whether_memory_is_small_or_takes_all)
{
	if (!fuse_available())
	{
		GTEST_SKIP() << "no FUSE";
	}
	for (int const mib : {16, 64}) // half of the memory that it may use, and twice as much
	{
		SCOPED_TRACE(mib);
		make({.clients = 1, .mbit = 200, .mib = mib});
		slow_writes behaviour;
		fuse_disk const disk(static_cast<std::uint64_t>(image().bytes), behaviour);
		agents().start_seeder();
		auto job = agents().client_job(1);
		job["targets"][0]["device"] = disk.file();
		agents().start(1, job);
		ASSERT_TRUE(agents().are_done(clients(), 60s));
		EXPECT_EQ(limit(1), "disk");
	}
}

TEST_F(limit_of_a_job, is_unclear_where_it_is_done_at_once)
{
	make({.clients = 1, .mbit = 0, .mib = 4});
	agents().start_seeder();
	start_clients();
	ASSERT_TRUE(agents().are_done(clients(), 60s));
	EXPECT_EQ(limit(1), "unclear");
}

} // namespace rawswarm::test
