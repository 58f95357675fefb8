// SPDX-License-Identifier: BSD-3-Clause
// Limits and allowed networks of a job, as seen on the cables.
#include "tests/support/network/dial_counter.hpp"
#include "tests/support/program/room_test.hpp"

#include <fmt/format.h>

namespace rawswarm::test
{

namespace
{

using namespace std::chrono_literals;

class rate_limits : public room_test
{
protected:
	static constexpr int limit = 2'500'000; // bytes per second; the image takes 13 seconds

	// The rate on the cable relative to the limit, headers included, over ten seconds once data flows.
	double share_of_limit(std::size_t const host, std::int64_t link_bytes::*const direction)
	{
		agents().wait_until([&] { return hosts().counters()[host].*direction > limit; }, 20s);
		auto const start = std::chrono::steady_clock::now();
		auto const before = hosts().counters()[host].*direction;
		agents().wait_until([] { return false; }, 10s);
		std::chrono::duration<double> const seconds = std::chrono::steady_clock::now() - start;
		return double(hosts().counters()[host].*direction - before) / seconds.count() / limit;
	}

	static void expect_the_limit(double const share)
	{
		EXPECT_LE(share, 1.1);
		EXPECT_GE(share, 0.8) << "something else is the limit";
	}
};

// Host 3 is outside the networks that host 2 allows; host 4 allows all. Host 3 itself allows only the seeder,
// so that it dials neither of them.
class allowed_networks : public room_test
{
protected:
	void expect_outsider_not_dialled(bool const lsd)
	{
		make({.clients = 4, .mbit = 5});
		dial_counter dials(hosts(), 3);
		auto seeder = agents().seeder_job();
		seeder["swarm"]["lsd"] = lsd;
		agents().start_seeder(seeder);
		auto const job = [&](std::size_t const i) {
			auto ret = agents().client_job(i);
			ret["swarm"]["lsd"] = lsd;
			return ret;
		};
		// first, as newcomers are told of the others
		auto outsider = job(3);
		outsider["swarm"]["allow"] = {room::address(0) + "/32"};
		agents().start(3, outsider);
		ASSERT_TRUE(agents().wait_until([&] { return agents().peers(0) > 0; }, 10s));
		auto strict = job(2);
		strict["swarm"]["allow"] = {room::address(0) + "/32", room::address(1) + "/32"};
		agents().start(2, strict);
		agents().start(1, job(1));
		agents().start(4, job(4));
		ASSERT_TRUE(agents().wait_until([&] { return dials.from(4) > 0; }, 25s))
			<< "nobody learned of the outsider";
		// the other host is told at about the same time
		agents().wait_until([] { return false; }, 2s);
		EXPECT_EQ(dials.from(2), 0);
		EXPECT_GE(agents().peers(2), 1);
	}
};

} // namespace

TEST_F(rate_limits, seeder_sends_to_all_together_no_more_than_its_upload_limit)
{
	make({.clients = 3, .mbit = 200, .mib = 32});
	auto seeder = agents().seeder_job();
	seeder["swarm"]["upload_limit"] = limit;
	agents().start_seeder(seeder);
	for (auto const i : clients())
	{
		agents().start(i, agents().client_job(i));
	}
	expect_the_limit(share_of_limit(0, &link_bytes::up));
}

TEST_F(rate_limits, client_takes_from_all_together_no_more_than_its_download_limit)
{
	make({.clients = 3, .mbit = 200, .mib = 32});
	agents().start_seeder();
	agents().start(1, agents().seeder_job());
	agents().start(2, agents().seeder_job());
	auto job = agents().client_job(3);
	job["swarm"]["peers"] = {room_agents::peer(0), room_agents::peer(1), room_agents::peer(2)};
	job["swarm"]["download_limit"] = limit;
	agents().start(3, job);
	expect_the_limit(share_of_limit(3, &link_bytes::down));
}

TEST_F(allowed_networks, outsider_that_announces_itself_is_not_dialled)
{
	expect_outsider_not_dialled(true);
}

TEST_F(allowed_networks, outsider_that_a_peer_tells_of_is_not_dialled)
{
	expect_outsider_not_dialled(false);
}

} // namespace rawswarm::test
