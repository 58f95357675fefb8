// SPDX-License-Identifier: BSD-3-Clause
// A room whose machines were all switched on at once.
#include "tests/support/program/room_test.hpp"

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>

namespace rawswarm::test
{

namespace
{

using namespace std::chrono_literals;

using boot_storm = room_test;

// A counter of "TcpExt" in a host's /proc/net/netstat, which has a line of names before each line of numbers.
std::map<std::string, long> tcp_counters(net_namespace const& host)
{
	net_namespace::visit const inside(host);
	std::ifstream in("/proc/thread-self/net/netstat");
	std::map<std::string, long> counters;
	std::string first;
	std::string second;
	while (std::getline(in, first) && std::getline(in, second))
	{
		std::istringstream names(first);
		std::istringstream numbers(second);
		std::string protocol;
		numbers >> protocol;
		names >> protocol;
		std::string name;
		long number = 0;
		while (protocol == "TcpExt:" && names >> name && numbers >> number)
		{
			counters[name] = number;
		}
	}
	return counters;
}

} // namespace

TEST_F(boot_storm, thirty_one_clients_at_once_are_all_connected_and_end_right)
{
	// slow enough that all have met before the first is done: agents with the whole image disconnect
	make({.clients = 31, .mbit = 20});
	auto const others = static_cast<int>(hosts().size()) - 1;
	agents().start_seeder();
	for (auto const i : clients())
	{
		auto job = agents().client_job(i);
		job["swarm"]["lsd"] = true; // as in a job without this key
		agents().start(i, job);
	}
	ASSERT_TRUE(agents().are_done(clients(), 60s));
	EXPECT_TRUE(agents().are_right(clients()));
	for (auto const i : clients())
	{
		auto const& beacons = agents().beacons().of(i);
		EXPECT_GE(std::ranges::max(beacons, {}, &host_beacon::peers).peers, others) << "host " << i;
	}
	for (std::size_t i = 0; i < hosts().size(); ++i)
	{
		auto const tcp = tcp_counters(hosts().host(i));
		EXPECT_EQ(tcp.at("ListenOverflows"), 0) << "host " << i;
		EXPECT_EQ(tcp.at("ListenDrops"), 0) << "host " << i;
	}
}

} // namespace rawswarm::test
