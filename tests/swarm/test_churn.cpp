// SPDX-License-Identifier: BSD-3-Clause
// Machines that join late, leave early, or lose power.
#include "tests/support/base/temp_dir.hpp"
#include "tests/support/program/room_test.hpp"

#include <csignal>
#include <string>

namespace rawswarm::test
{

namespace
{

using namespace std::chrono_literals;

class churn : public room_test
{
protected:
	void start_clients(std::size_t const first, std::size_t const last)
	{
		for (auto const i : hosts_between(first, last))
		{
			auto job = agents().client_job(i);
			job["swarm"]["lsd"] = true;
			agents().start(i, job);
		}
	}

	bool reaches_half(std::size_t const host)
	{
		return agents().wait_until([&] { return agents().done(host) >= image().bytes / 2; }, 30s);
	}

	// Stops the host's agent. Returns the bytes that it fetched.
	std::int64_t fetched_by(std::size_t const host)
	{
		return agents().stop(host).at("targets").at(0).at("fetched").get<std::int64_t>();
	}

	// Near the end a block may be requested from two peers.
	std::int64_t slack() const { return 2 * std::int64_t(image().piece_size); }

	// The bytes that a check of the host's target will find.
	std::int64_t bytes_in_right_pieces(std::size_t const host)
	{
		auto const target = read_file(agents().target(host));
		auto const right = read_file(image().image);
		auto const size = static_cast<std::size_t>(image().piece_size);
		std::int64_t sum = 0;
		for (std::size_t at = 0; at < right.size(); at += size)
		{
			if (target.compare(at, size, right, at, size) == 0)
			{
				sum += image().piece_size;
			}
		}
		return sum;
	}
};

} // namespace

TEST_F(churn, late_joiners_get_the_image_from_the_room_although_the_seeder_is_slow)
{
	make({.clients = 5, .mbit = 200});
	constexpr int slow_mbit = 30;
	hosts().set_rate(0, slow_mbit);
	agents().start_seeder();
	start_clients(1, 3);
	ASSERT_TRUE(reaches_half(1));
	start_clients(4, 4);
	ASSERT_TRUE(agents().are_done(hosts_between(1, 3), 60s));
	auto const before = hosts().counters();
	start_clients(5, 5);
	ASSERT_TRUE(agents().are_done({4, 5}, 60s));
	EXPECT_TRUE(agents().are_right(clients()));
	// four hosts have the whole image, and the slowest of five is asked for its share at most
	EXPECT_LT(hosts().counters()[0].up - before[0].up, image().bytes / 2);
}

TEST_F(churn, killed_client_that_comes_back_keeps_what_is_on_its_disk)
{
	make({.clients = 3, .mbit = 50});
	agents().start_seeder();
	start_clients(1, 3);
	ASSERT_TRUE(reaches_half(2));
	agents().process(2).signal(SIGKILL);
	agents().process(2).wait(10s);
	auto const kept = bytes_in_right_pieces(2);
	EXPECT_GE(kept, image().bytes / 4) << "what was half done is not on the disk";
	EXPECT_LT(kept, image().bytes);

	auto job = agents().client_job(2);
	job["targets"][0]["existing"] = "verify";
	agents().start(2, job);
	ASSERT_TRUE(agents().are_done(clients(), 60s));
	EXPECT_TRUE(agents().are_right(clients()));
	auto const fetched = fetched_by(2);
	EXPECT_LE(fetched, image().bytes - kept + slack());
	EXPECT_GE(fetched, image().bytes - kept);
	EXPECT_LE(fetched_by(1), image().bytes + slack());
	EXPECT_LE(fetched_by(3), image().bytes + slack());
}

// The seeder's link is as fast as those of all clients together, so that every piece is distributed long
// before a client is complete.
TEST_F(churn, clients_finish_from_each_other_when_the_seeder_leaves_once_every_piece_is_out)
{
	make({.clients = 4, .mbit = 30});
	hosts().set_rate(0, 120);
	agents().start_seeder();
	start_clients(1, 4);
	ASSERT_TRUE(agents().wait_until(
		[&] { return agents().log(0).find("every piece is out in the room") != std::string::npos; }, 30s));
	for (auto const i : clients())
	{
		ASSERT_LT(agents().done(i), image().bytes);
	}
	agents().stop(0);
	ASSERT_TRUE(agents().are_done(clients(), 60s));
	EXPECT_TRUE(agents().are_right(clients()));
}

} // namespace rawswarm::test
