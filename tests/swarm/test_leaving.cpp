// SPDX-License-Identifier: BSD-3-Clause
// When a machine that has the image stops seeding.
#include "tests/support/program/room_test.hpp"

namespace rawswarm::test
{

namespace
{

using namespace std::chrono_literals;

// Host 1 has the image soon. Host 2 takes about 7 seconds, at a fifth of the rate, and knows no other host
// once the seeder is gone.
class leaving : public room_test
{
protected:
	void SetUp() override
	{
		room_test::SetUp();
		if (IsSkipped())
		{
			return;
		}
		make({.clients = 2, .mbit = 100});
		hosts().set_rate(2, 20);
	}

	void start(nlohmann::json const& seed_until)
	{
		agents().start_seeder();
		auto first = agents().client_job(1);
		first["seed_until"] = seed_until;
		agents().start(1, first);
		auto second = agents().client_job(2);
		second["swarm"]["peers"] = {room_agents::peer(1)};
		agents().start(2, second);
		ASSERT_TRUE(agents().are_done({1}, 30s));
		ASSERT_LT(agents().done(2), image().bytes / 2);
		agents().stop(0);
	}
};

} // namespace

TEST_F(leaving, client_serves_who_fetches_from_it_and_leaves_when_nobody_does)
{
	constexpr auto idle = 3s;
	ASSERT_NO_FATAL_FAILURE(start({{"idle_seconds", idle.count()}}));
	ASSERT_TRUE(agents().are_done({2}, 30s));
	auto const done = *agents().beacons().done_at(2);
	ASSERT_GT(done - *agents().beacons().done_at(1), idle) << "it had no time to leave too early";
	ASSERT_TRUE(agents().wait_for_end(1, 20s));
	// the last bytes were sent a moment before the other host had them on its disk
	EXPECT_GE(std::chrono::steady_clock::now() - done, idle - 1s);
	EXPECT_TRUE(agents().are_right({1, 2}));
}

TEST_F(leaving, client_leaves_after_its_seconds_although_somebody_fetches_from_it)
{
	ASSERT_NO_FATAL_FAILURE(start({{"idle_seconds", 0}, {"seconds", 2}}));
	ASSERT_TRUE(agents().wait_for_end(1, 20s));
	EXPECT_GE(std::chrono::steady_clock::now() - *agents().beacons().done_at(1), 2s);
	EXPECT_LT(agents().done(2), image().bytes);
}

TEST_F(leaving, client_leaves_once_it_has_sent_its_share)
{
	ASSERT_NO_FATAL_FAILURE(start({{"idle_seconds", 0}, {"ratio", 0.6}}));
	auto const report = agents().wait_for_end(1, 20s);
	ASSERT_TRUE(report);
	auto const sent = double(report->at("targets").at(0).at("uploaded").get<std::int64_t>());
	EXPECT_GE(sent, 0.6 * double(image().bytes));
	EXPECT_LE(sent, 0.9 * double(image().bytes));
	EXPECT_LT(agents().done(2), image().bytes);
}

// A job that says nothing of it. The last machine has nobody to serve, and the first one nobody any more.
TEST_F(leaving, machines_leave_at_once_when_nobody_lacks_anything_and_not_before)
{
	agents().start_seeder();
	for (auto const i : clients())
	{
		auto job = agents().client_job(i);
		job.erase("seed_until");
		if (i == 2)
		{
			job["swarm"]["peers"] = {room_agents::peer(1)};
		}
		agents().start(i, job);
	}
	ASSERT_TRUE(agents().are_done({1}, 30s));
	ASSERT_LT(agents().done(2), image().bytes / 2);
	agents().stop(0);
	agents().let_end({1, 2});
	ASSERT_TRUE(agents().are_done({2}, 60s));
	auto const done = *agents().beacons().done_at(2);
	EXPECT_GT(done - *agents().beacons().done_at(1), 2s) << "it had no time to leave too early";
	ASSERT_TRUE(agents().wait_for_end(2, 20s));
	ASSERT_TRUE(agents().wait_for_end(1, 20s));
	EXPECT_LT(std::chrono::steady_clock::now() - done, 10s);
	EXPECT_TRUE(agents().are_right({1, 2}));
}

} // namespace rawswarm::test
