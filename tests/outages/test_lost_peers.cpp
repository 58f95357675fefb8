// SPDX-License-Identifier: BSD-3-Clause
// Peers that come late, go away and come back.
#include "tests/support/base/count_of.hpp"
#include "tests/support/base/skip.hpp"
#include "tests/support/network/free_port.hpp"
#include "tests/support/network/listeners.hpp"
#include "tests/support/program/prepared_image.hpp"
#include "tests/support/program/rawswarm_program.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>

namespace rawswarm::test
{

namespace
{

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

constexpr auto one_attempt = 3s; // within which a peer that is back is found
constexpr auto slack = 4s; // for the transfer itself, and for a machine that is busy

class lost_peers : public ::testing::Test
{
protected:
	void start_seeder()
	{
		m_seeder = std::make_unique<child_process>(rawswarm_command(
			{"seed", m_image.torrent_path, m_image.source_path, "--no-lsd", "--listen", loopback(m_port)}));
		ASSERT_TRUE(wait_for_listener(m_port, 20s)) << m_seeder->err();
	}

	std::unique_ptr<child_process> start_client(nlohmann::json const& swarm = {})
	{
		auto job = loopback_job({m_port});
		if (!swarm.is_null())
		{
			job["swarm"].update(swarm);
		}
		job["targets"].push_back(image_target(m_image.torrent_path, m_image.dir / "target.img"));
		return std::make_unique<child_process>(run_command(m_image.dir, job));
	}

	prepared_image m_image{extent_layout{.count = 4, .smallest = 1 << 20, .largest = 1 << 20}};
	std::uint16_t m_port = free_port();
	std::unique_ptr<child_process> m_seeder;
};

} // namespace

TEST_F(lost_peers, seeder_that_comes_20_seconds_late_is_found_within_3_and_both_are_said_once)
{
	auto const client = start_client();
	std::this_thread::sleep_for(20s);
	ASSERT_TRUE(client->running()) << client->err();
	auto const name = "peer " + loopback(m_port);
	EXPECT_EQ(count_of(client->err(), name + " cannot be reached for"), 1U) << client->err();
	EXPECT_NE(client->err().find("Connection refused"), std::string::npos) << client->err();
	EXPECT_EQ(count_of(client->err(), name + " is back"), 0U) << client->err();

	auto const begin = clock::now();
	start_seeder();
	ASSERT_TRUE(exits_with(*client, exit_code::done, 60s));
	EXPECT_LT(clock::now() - begin, one_attempt + slack);
	EXPECT_EQ(count_of(client->err(), name + " cannot be reached for"), 1U) << client->err();
	EXPECT_EQ(count_of(client->err(), name + " is back"), 1U) << client->err();
}

TEST_F(lost_peers, seeder_that_is_killed_and_comes_back_after_20_seconds_is_found_within_3)
{
	start_seeder();
	auto const client = start_client({{"download_limit", 512 * 1024}}); // takes 8 seconds
	std::this_thread::sleep_for(3s);
	m_seeder.reset();
	std::this_thread::sleep_for(20s);
	ASSERT_TRUE(client->running()) << client->err();
	auto const begin = clock::now();
	start_seeder();
	ASSERT_TRUE(exits_with(*client, exit_code::done, 60s));
	EXPECT_LT(clock::now() - begin, one_attempt + slack + 8s);
}

// Its host may have lost its power and be back without knowing the connection. Without this the kernel never
// asks.
TEST_F(lost_peers, silent_peer_is_asked_by_the_kernel_whether_it_is_there)
{
	start_seeder();
	auto const client = start_client({{"download_limit", 16 * 1024}});
	auto const shows_probes = [&] {
		auto const sockets = run_checked({"ss", "--tcp", "--numeric", "--options", "--no-header", "state",
			"established", "dport", "=", ":" + std::to_string(m_port)});
		return sockets.find("timer:(keepalive,1") != std::string::npos; // between 1 and 2 seconds
	};
	bool seen = false;
	for (auto const end = clock::now() + 20s; !seen && clock::now() < end;)
	{
		std::this_thread::sleep_for(100ms);
		seen = shows_probes();
	}
	EXPECT_TRUE(seen) << client->err();
}

TEST_F(lost_peers, peer_that_serves_another_image_is_said_so)
{
	prepared_image const other(extent_layout{.count = 3});
	m_seeder = std::make_unique<child_process>(rawswarm_command(
		{"seed", other.torrent_path, other.source_path, "--no-lsd", "--listen", loopback(m_port)}));
	ASSERT_TRUE(wait_for_listener(m_port, 20s)) << m_seeder->err();
	auto const client = start_client();
	EXPECT_TRUE(client->wait_for_text("it hangs up, perhaps as it serves another image", 30s))
		<< client->err();
}

} // namespace rawswarm::test
