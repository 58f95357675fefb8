// SPDX-License-Identifier: BSD-3-Clause
// Rooms with IPv6, alone and beside IPv4. The jobs do not say where to listen.
#include "tests/support/network/own_network.hpp"
#include "tests/support/program/room_test.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>

namespace rawswarm::test
{

namespace
{

using namespace std::chrono_literals;

std::string address(std::size_t const host)
{
	return fmt::format("fd00:77::{}", host + 1);
}

// Connections that the host has tried to open, over both families: the column of /proc/net/snmp.
long active_opens(net_namespace const& host)
{
	net_namespace::visit const inside(host);
	std::ifstream in("/proc/thread-self/net/snmp");
	std::string first;
	std::string second;
	while (std::getline(in, first) && std::getline(in, second))
	{
		std::istringstream names(first);
		std::istringstream numbers(second);
		std::string name;
		std::string number;
		while (first.starts_with("Tcp:") && names >> name && numbers >> number)
		{
			if (name == "ActiveOpens")
			{
				return std::stol(number);
			}
		}
	}
	throw std::runtime_error("no ActiveOpens");
}

class ipv6_room : public room_test
{
protected:
	// An image of 16 MiB takes about 7 seconds.
	void make_room(bool const has_ipv4, int const mib = 16)
	{
		make({.clients = 4, .mbit = 20, .mib = mib});
		for (std::size_t i = 0; i < hosts().size(); ++i)
		{
			net_namespace::visit const inside(hosts().host(i));
			if (!has_ipv4)
			{
				own_network::ip(fmt::format("-4 addr flush dev {}", room::card));
			}
			own_network::ip(fmt::format("addr add {}/64 dev {} nodad", address(i), room::card));
		}
	}

	void start_all(bool const has_lsd)
	{
		auto seeder = agents().seeder_job();
		seeder["swarm"] = {{"lsd", has_lsd}};
		agents().start_seeder(seeder);
		for (auto const i : clients())
		{
			auto job = agents().client_job(i);
			job["swarm"] = {{"lsd", has_lsd}};
			if (!has_lsd)
			{
				job["swarm"]["peers"] = {fmt::format("[{}]:{}", address(0), room_agents::port)};
			}
			agents().start(i, job);
		}
	}

	// True once every host is connected to every other, and once only.
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
};

} // namespace

TEST_F(ipv6_room, room_without_ipv4_is_meshed_by_its_seeders_address)
{
	make_room(false);
	start_all(false);
	EXPECT_TRUE(meshes_within(6s));
	ASSERT_TRUE(agents().are_done(clients(), 60s));
	EXPECT_TRUE(agents().are_right(clients()));
}

TEST_F(ipv6_room, room_without_ipv4_is_found_by_local_discovery)
{
	make_room(false);
	start_all(true);
	EXPECT_TRUE(meshes_within(6s));
	ASSERT_TRUE(agents().are_done(clients(), 60s));
	EXPECT_TRUE(agents().are_right(clients()));
}

// Each machine is announced by both of its addresses.
TEST_F(ipv6_room, machines_with_both_families_keep_one_connection_to_each_other)
{
	make_room(true, 40);
	start_all(true);
	EXPECT_TRUE(meshes_within(6s));
	std::this_thread::sleep_for(
		8s); // local discovery tells of every address three times in the first six seconds
	std::vector<long> before;
	for (auto const i : clients())
	{
		before.push_back(active_opens(hosts().host(i)));
	}
	EXPECT_TRUE(meshes_within(3s));
	std::this_thread::sleep_for(2s);
	for (auto const i : clients())
	{
		EXPECT_LE(active_opens(hosts().host(i)) - before[i - 1], 1) << "host " << i;
	}
	ASSERT_TRUE(agents().are_done(clients(), 60s));
	EXPECT_TRUE(agents().are_right(clients()));
}

} // namespace rawswarm::test
