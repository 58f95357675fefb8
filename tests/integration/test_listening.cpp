// SPDX-License-Identifier: BSD-3-Clause
// Where an agent listens: ports that others hold, addresses that are not there, both address families.
#include "base/unique_fd.hpp"
#include "tests/support/base/skip.hpp"
#include "tests/support/base/throw_errno.hpp"
#include "tests/support/network/own_network.hpp"
#include "tests/support/program/prepared_image.hpp"
#include "tests/support/program/rawswarm_program.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace rawswarm::test
{

namespace
{

using namespace std::chrono_literals;

// A UDP socket of somebody else at 127.0.0.1.
unique_fd hold_udp_port(std::uint16_t const port)
{
	unique_fd fd(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
	sockaddr_in at{};
	at.sin_family = AF_INET;
	at.sin_port = htons(port);
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (!fd || ::bind(fd.get(), reinterpret_cast<sockaddr const*>(&at), sizeof(at)) != 0)
	{
		throw_errno("holding a UDP port");
	}
	return fd;
}

bool listens_soon(child_process& agent)
{
	auto const deadline = std::chrono::steady_clock::now() + 20s;
	while (agent.err().find("listening on") == std::string::npos)
	{
		if (!agent.running() || std::chrono::steady_clock::now() >= deadline)
		{
			return false;
		}
		std::this_thread::sleep_for(10ms);
	}
	return true;
}

class listening : public ::testing::Test
{
protected:
	void SetUp() override
	{
		SKIP_WITHOUT_ROOT();
		SKIP_WITHOUT("ip");
		m_network = std::make_unique<own_network>();
		m_image = std::make_unique<prepared_image>(extent_layout{.count = 20});
	}

	std::unique_ptr<child_process> seed(std::vector<std::string> const& options = {})
	{
		std::vector<std::string> args{"seed", m_image->torrent_path, m_image->source_path, "--no-lsd"};
		args.insert(args.end(), options.begin(), options.end());
		return std::make_unique<child_process>(rawswarm_command(args));
	}

	// A job that fetches the image from a peer.
	run_result fetch_from(std::string const& peer, std::string const& listen)
	{
		temp_dir const dir;
		auto job = loopback_job();
		job["swarm"]["listen"] = listen;
		job["swarm"]["peers"] = {peer};
		job["timeout_seconds"] = 20;
		job["targets"].push_back(image_target(m_image->torrent_path, dir / "target.img"));
		return run_job(dir, job, 40s);
	}

	prepared_image const& image() const { return *m_image; }

	std::unique_ptr<own_network> m_network;
	std::unique_ptr<prepared_image> m_image;
};

} // namespace

// The session opens a UDP socket beside each TCP socket, by the same number.
TEST_F(listening, port_0_works_although_others_hold_most_udp_ports)
{
	constexpr std::uint16_t first = 40000;
	constexpr std::uint16_t last = 40099;
	own_network::set("ipv4/ip_local_port_range", "40000 40099");
	std::vector<unique_fd> held;
	for (auto port = first; port < last - 9; ++port)
	{
		held.push_back(hold_udp_port(port));
	}
	auto const seeder = seed({"--listen", "127.0.0.1:6881"});
	ASSERT_TRUE(listens_soon(*seeder)) << seeder->err();
	for (int i = 0; i < 3; ++i)
	{
		EXPECT_TRUE(exits_with(fetch_from("127.0.0.1:6881", "127.0.0.1:0"), exit_code::done));
	}
}

TEST_F(listening, udp_port_that_is_taken_does_not_matter_to_a_fixed_port)
{
	auto const held = hold_udp_port(6881);
	auto const seeder = seed({"--listen", "127.0.0.1:6881"});
	ASSERT_TRUE(listens_soon(*seeder)) << seeder->err();
	EXPECT_TRUE(exits_with(fetch_from("127.0.0.1:6881", "127.0.0.1:0"), exit_code::done));
}

TEST_F(listening, seeder_without_an_address_to_listen_at_ends_with_what_it_looked_for)
{
	own_network::ip("addr del 127.0.0.1/8 dev lo");
	auto const seeder = seed({"--listen", "0.0.0.0:6881"});
	ASSERT_TRUE(exits_with(*seeder, exit_code::network, 40s));
	EXPECT_NE(
		seeder->err().find("listening on 0.0.0.0:6881: this machine has no such address"), std::string::npos)
		<< seeder->err();
}

TEST_F(listening, address_that_comes_a_moment_later_is_used)
{
	own_network::ip("addr del 127.0.0.1/8 dev lo");
	own_network::ip("addr flush dev lo");
	auto const seeder = seed();
	std::this_thread::sleep_for(2s);
	ASSERT_TRUE(seeder->running()) << seeder->err();
	own_network::ip("addr add 10.78.0.1/24 dev lo");
	EXPECT_TRUE(listens_soon(*seeder)) << seeder->err();
	EXPECT_TRUE(exits_with(fetch_from("10.78.0.1:6881", "10.78.0.1:0"), exit_code::done));
}

TEST_F(listening, seeder_that_is_told_nothing_is_reached_by_either_family)
{
	own_network::ip("addr add fd00:78::1/64 dev lo nodad");
	auto const seeder = seed();
	ASSERT_TRUE(listens_soon(*seeder)) << seeder->err();
	EXPECT_TRUE(exits_with(fetch_from("127.0.0.1:6881", "127.0.0.1:0"), exit_code::done));
	EXPECT_TRUE(exits_with(fetch_from("[fd00:78::1]:6881", "[fd00:78::1]:0"), exit_code::done));
}

TEST_F(listening, port_alone_is_listened_at_in_both_families)
{
	own_network::ip("addr add fd00:78::1/64 dev lo nodad");
	auto const seeder = seed({"--listen", ":7003"});
	ASSERT_TRUE(listens_soon(*seeder)) << seeder->err();
	EXPECT_TRUE(exits_with(fetch_from("127.0.0.1:7003", ":0"), exit_code::done));
	EXPECT_TRUE(exits_with(fetch_from("[fd00:78::1]:7003", ":0"), exit_code::done));
}

TEST_F(listening, list_of_addresses_is_listened_at_and_no_other)
{
	own_network::ip("addr add 10.78.0.1/24 dev lo");
	own_network::ip("addr add fd00:78::1/64 dev lo nodad");
	auto const seeder = seed({"--listen", "10.78.0.1:7001,[fd00:78::1]:7002"});
	ASSERT_TRUE(listens_soon(*seeder)) << seeder->err();
	EXPECT_TRUE(exits_with(fetch_from("10.78.0.1:7001", "127.0.0.1:0"), exit_code::done));
	EXPECT_TRUE(exits_with(fetch_from("[fd00:78::1]:7002", "[::1]:0"), exit_code::done));
	EXPECT_EQ(seeder->err().find("127.0.0.1"), std::string::npos) << seeder->err();
}

// Everything at its default on a machine without IPv4.
TEST_F(listening, image_is_fetched_over_ipv6_alone_with_nothing_said_about_addresses)
{
	own_network::ip("addr add fd00:78::1/64 dev lo nodad");
	own_network::ip("addr del 127.0.0.1/8 dev lo");
	auto const seeder = seed();
	ASSERT_TRUE(listens_soon(*seeder)) << seeder->err();
	temp_dir const dir;
	child_process client(rawswarm_command({"run", "--torrent", image().torrent_path, "--device",
		dir / "target.img", "--peer", "[fd00:78::1]:6881", "--listen", "0.0.0.0:6882,[::]:6882", "--no-lsd",
		"--create-file", "--seed-seconds", "0"}));
	EXPECT_TRUE(exits_with(client, exit_code::done, 30s));
}

TEST_F(listening, port_that_is_taken_in_one_family_ends_the_job)
{
	own_network::ip("addr add fd00:78::1/64 dev lo nodad");
	auto const first = seed({"--listen", "127.0.0.1:6881"});
	ASSERT_TRUE(listens_soon(*first)) << first->err();
	auto const second = seed();
	ASSERT_TRUE(exits_with(*second, exit_code::network, 20s));
	EXPECT_NE(second->err().find("listening on 0.0.0.0:6881 at 127.0.0.1: Address already in use"),
		std::string::npos)
		<< second->err();
}

} // namespace rawswarm::test
