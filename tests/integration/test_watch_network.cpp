// SPDX-License-Identifier: BSD-3-Clause
// `rawswarm watch` in networks of different kinds, and several agents on one machine.
#include "tests/support/base/skip.hpp"
#include "tests/support/network/free_port.hpp"
#include "tests/support/network/listeners.hpp"
#include "tests/support/network/own_network.hpp"
#include "tests/support/program/prepared_image.hpp"
#include "tests/support/program/rawswarm_program.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <string>
#include <thread>

namespace rawswarm::test
{

namespace
{

using namespace std::chrono_literals;

// A card with this address, and no other network.
void add_card(std::string const& address)
{
	own_network::ip("link add v0 type veth peer name v1");
	own_network::ip("link set v0 up");
	own_network::ip("link set v1 up");
	own_network::ip("addr add " + address + " dev v0");
}

// An agent of this network is seen by a watcher that is started without options.
void expect_beacons_arrive(std::string const& group)
{
	prepared_image const image(extent_layout{.count = 20});
	child_process watcher(rawswarm_command({"watch", "--expect", "1"}));
	std::this_thread::sleep_for(2s); // it prints nothing when it listens
	auto job = loopback_job();
	job["swarm"]["listen"] = "[::1]:0";
	job["beacon"] = {{"to", {group}}, {"interval_ms", 100}};
	auto target = image_target(image.torrent_path, image.source_path);
	target["existing"] = "verify";
	job["targets"].push_back(target);
	EXPECT_TRUE(exits_with(run_job(image.dir, job), exit_code::done));
	EXPECT_TRUE(exits_with(watcher, exit_code::done, 20s));
	EXPECT_EQ(watcher.err().find("warning"), std::string::npos) << watcher.err();
}

} // namespace

TEST(watch_network, beacons_arrive_by_ipv6_multicast_where_there_is_no_ipv4)
{
	SKIP_WITHOUT_ROOT();
	own_network const network;
	own_network::ip("addr del 127.0.0.1/8 dev lo");
	add_card("fd00:78::1/64 nodad");
	expect_beacons_arrive("[ff05::7700]:7700");
}

TEST(watch_network, beacons_arrive_by_ipv4_multicast_where_there_is_ipv6_as_well)
{
	SKIP_WITHOUT_ROOT();
	own_network const network;
	add_card("10.78.0.1/24");
	expect_beacons_arrive("239.255.77.1:7700");
}

TEST(watch_network, groups_and_broadcasts_of_both_families_reach_every_watcher_and_an_address_reaches_one)
{
	SKIP_WITHOUT_ROOT();
	own_network const network;
	add_card("10.78.0.1/24 brd +");
	own_network::ip("addr add fd00:78::1/64 nodad dev v0");
	prepared_image const image(extent_layout{.count = 20});
	struct way
	{
		std::string to;
		bool reaches_all;
	};
	for (auto const& [to, reaches_all] : {way{"239.255.77.1:7700", true}, way{"[ff05::7700]:7700", true},
			 way{"10.78.0.255:7700", true}, way{"10.78.0.1:7700", false}, way{"[fd00:78::1]:7700", false}})
	{
		child_process first(rawswarm_command({"watch"}));
		child_process second(rawswarm_command({"watch"}));
		std::this_thread::sleep_for(2s);
		auto job = loopback_job();
		job["beacon"] = {{"to", {to}}, {"interval_ms", 100}};
		job["targets"].push_back(image_target(image.torrent_path, "/dev/rawswarm-test-missing"));
		EXPECT_TRUE(exits_with(run_job(image.dir, job), exit_code::target));
		// None ends by what it hears: what is sent after that would reach the other one.
		auto const heard = [](child_process& watcher) {
			return watcher.wait_for_text("rawswarm-test-missing", 500ms);
		};
		bool const at_first = heard(first);
		bool const at_second = heard(second);
		EXPECT_EQ(at_first && at_second, reaches_all) << to;
		EXPECT_TRUE(at_first || at_second) << to;
	}
}

TEST(watch_network, senders_by_ipv4_are_shown_with_their_ipv4_address)
{
	SKIP_WITHOUT_ROOT();
	own_network const network;
	prepared_image const image(extent_layout{.count = 20});
	child_process watcher(rawswarm_command({"watch", "--expect", "1", "--json"}));
	std::this_thread::sleep_for(2s);
	auto job = loopback_job();
	job["beacon"] = {{"to", {"127.0.0.1:7700"}}, {"interval_ms", 100}};
	job["targets"].push_back(image_target(image.torrent_path, "/dev/rawswarm-test-missing"));
	EXPECT_TRUE(exits_with(run_job(image.dir, job), exit_code::target));
	EXPECT_TRUE(exits_with(watcher, exit_code::target, 20s));
	EXPECT_NE(watcher.out().find("\"from\":\"127.0.0.1:"), std::string::npos) << watcher.out();
}

TEST(watch_network, two_agents_of_one_machine_are_two)
{
	prepared_image const image(extent_layout{.count = 20});
	auto const port = free_port();
	child_process watcher(rawswarm_command({"watch", "--listen", loopback(port), "--expect", "2"}));
	ASSERT_TRUE(wait_for_udp_listener(port, 10s)) << watcher.err();
	seeding_agent const seeder(image.torrent_path, image.source_path, {"--beacon", loopback(port)});
	for (int i = 0; i < 2; ++i)
	{
		auto job = loopback_job({seeder.port()});
		job["beacon"] = {{"to", {loopback(port)}}, {"interval_ms", 100}};
		job["targets"].push_back(image_target(image.torrent_path, image.dir / "target.img"));
		EXPECT_TRUE(exits_with(run_job(image.dir, job), exit_code::done));
		std::this_thread::sleep_for(2s);
	}
	// the seeder is not done: one agent is, which was started twice
	EXPECT_TRUE(watcher.running()) << watcher.out();
	EXPECT_EQ(watcher.out().find("failed"), std::string::npos) << watcher.out();
	watcher.signal(SIGINT);
	watcher.wait(10s);
	EXPECT_NE(
		watcher.out().find("1 done, 0 failed, 0 silent, 1 still at work, 2 expected"), std::string::npos)
		<< watcher.out();
}

} // namespace rawswarm::test
