// SPDX-License-Identifier: BSD-3-Clause
// Networks that are gone for a while, and addresses that change or are there twice, in the middle of a
// transfer.
#include "base/bytes.hpp"
#include "tests/support/base/count_of.hpp"
#include "tests/support/network/own_network.hpp"
#include "tests/support/program/rawswarm_program.hpp"
#include "tests/support/program/room_test.hpp"

#include <fmt/format.h>

#include <chrono>
#include <string>
#include <thread>

namespace rawswarm::test
{

namespace
{

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

// Longer than TCP and libtorrent need to notice, and than the time after which a warning is given.
constexpr auto outage = 30s;

// What lost_hosts.* hold a peer to that was switched off: an attempt each second, three seconds each.
constexpr auto one_attempt = 3500ms;

// A connection from an address that is gone ends after five seconds in which nothing is confirmed; then as
// above, and libtorrent has to open its sockets anew.
constexpr auto until_noticed = 5s + 2 * one_attempt;

class outages : public room_test
{
protected:
	void on_host(std::size_t const host, std::string const& ip_arguments)
	{
		net_namespace::visit const inside(hosts().host(host));
		own_network::ip(ip_arguments);
	}

	// As `ip link set down` does it, which takes the routes along, and brings the default one back as whoever
	// configures the network would.
	void set_link(std::size_t const host, bool const is_up)
	{
		on_host(host, fmt::format("link set {} {}", room::card, is_up ? "up" : "down"));
		if (is_up)
		{
			on_host(host, fmt::format("route replace default dev {}", room::card));
		}
	}

	void start_clients()
	{
		for (auto const i : clients())
		{
			agents().start(i, agents().client_job(i));
		}
	}

	::testing::AssertionResult reaches(std::size_t const host, std::int64_t const bytes)
	{
		if (agents().wait_until([&] { return agents().done(host) > bytes; }, 30s))
		{
			return ::testing::AssertionSuccess();
		}
		return ::testing::AssertionFailure() << agents().describe();
	}

	// Waits with an eye on agents that end, which is an error.
	void let_pass(clock::duration const time)
	{
		auto const end = clock::now() + time;
		agents().wait_until(
			[end] { return clock::now() >= end; }, std::chrono::ceil<std::chrono::milliseconds>(time) + 1s);
	}

	// The time from now until the host has further pieces.
	clock::duration time_to_resume(std::size_t const host)
	{
		auto const before = agents().done(host);
		auto const begin = clock::now();
		EXPECT_TRUE(agents().wait_until([&] { return agents().done(host) > before; }, 20s))
			<< agents().describe();
		return clock::now() - begin;
	}

	// Gives a host another address, as a DHCP server does that has forgotten the first one.
	void move(std::size_t const host, std::string const& from, std::string const& to)
	{
		on_host(host, fmt::format("addr del {}/24 dev {}", from, room::card));
		on_host(host, fmt::format("addr add {}/24 brd + dev {}", to, room::card));
		on_host(host, fmt::format("route replace default dev {}", room::card));
	}

	// Moves a host to another address once the first client has begun.
	void expect_going_on_after_move(std::size_t const host, std::string const& to)
	{
		agents().start_seeder();
		start_clients();
		ASSERT_TRUE(reaches(1, 4_MiB));
		move(host, room::address(host), to);
		EXPECT_LT(time_to_resume(1), until_noticed);
		ASSERT_TRUE(agents().are_done(clients(), 30s));
		EXPECT_TRUE(agents().are_right(clients()));
	}

	// Hosts ask for each other's cards, as on a real network (room::introduce).
	void forget_cards()
	{
		for (std::size_t i = 0; i < hosts().size(); ++i)
		{
			on_host(i, fmt::format("neigh flush dev {} nud permanent", room::card));
		}
	}
};

} // namespace

TEST_F(outages, client_whose_link_is_down_for_30_seconds_goes_on_within_three_and_held_up_nobody)
{
	make({.clients = 2, .mbit = 50, .mib = 32});
	agents().start_seeder();
	start_clients();
	ASSERT_TRUE(reaches(1, 4_MiB));
	set_link(1, false);
	let_pass(outage);
	EXPECT_TRUE(agents().are_done({2}, 0s)) << "the other one waited";
	EXPECT_LT(agents().done(1), image().bytes) << "it was done before";
	set_link(1, true);
	EXPECT_LT(time_to_resume(1), one_attempt);
	ASSERT_TRUE(agents().are_done({1}, 20s));
	EXPECT_TRUE(agents().are_right(clients()));
	EXPECT_EQ(count_of(agents().log(1), "warning: this machine has no link: eth0 is down"), 1U)
		<< agents().log(1);
	EXPECT_EQ(count_of(agents().log(1), "info: this machine had no link for "), 1U) << agents().log(1);
}

TEST_F(outages, seeder_whose_link_is_down_for_30_seconds_is_fetched_from_within_three)
{
	make({.clients = 2, .mbit = 50, .mib = 32});
	agents().start_seeder();
	start_clients();
	ASSERT_TRUE(reaches(1, 4_MiB));
	set_link(0, false);
	let_pass(outage);
	EXPECT_LT(agents().done(1), image().bytes) << "it was done before";
	set_link(0, true);
	EXPECT_LT(time_to_resume(1), one_attempt);
	ASSERT_TRUE(agents().are_done(clients(), 20s));
	EXPECT_TRUE(agents().are_right(clients()));
	auto const seeder = "peer " + room_agents::peer(0);
	EXPECT_EQ(count_of(agents().log(1), seeder + " cannot be reached for"), 1U) << agents().log(1);
	EXPECT_EQ(count_of(agents().log(1), seeder + " is back"), 1U) << agents().log(1);
}

// What bounds an outage is the job. Without a limit the one above may be of any length: attempts do not
// become rarer (swarm_settings.cpp).
TEST_F(outages, one_that_is_longer_than_timeout_seconds_ends_the_job_and_one_that_is_shorter_does_not)
{
	make({.clients = 2, .mbit = 50, .mib = 32});
	agents().start_seeder();
	for (auto const i : clients())
	{
		auto job = agents().client_job(i);
		job["timeout_seconds"] = i == 1 ? 5 : 25;
		agents().start(i, job);
	}
	ASSERT_TRUE(reaches(1, 4_MiB));
	set_link(0, false);
	agents().let_end({1});
	let_pass(15s);
	EXPECT_TRUE(exits_with(agents().process(1), exit_code::network, 0s)) << agents().log(1);
	set_link(0, true);
	ASSERT_TRUE(agents().are_done({2}, 25s));
	EXPECT_TRUE(agents().are_right({2}));
}

TEST_F(outages, client_that_gets_another_address_goes_on)
{
	make({.clients = 2, .mbit = 50, .mib = 32});
	expect_going_on_after_move(1, "10.77.0.101");
}

TEST_F(outages, seeder_that_gets_another_address_is_found_although_the_job_names_the_old_one)
{
	make({.clients = 1, .mbit = 50, .mib = 32});
	expect_going_on_after_move(0, "10.77.0.100");
}

// Each of the two is answered by whichever card was asked for last.
TEST_F(outages, two_machines_with_one_address_hold_up_nobody_else_and_are_right_once_it_is_mended)
{
	make({.clients = 3, .mbit = 50, .mib = 32});
	forget_cards();
	move(3, room::address(3), room::address(2));
	agents().start_seeder();
	start_clients();
	ASSERT_TRUE(agents().are_done({1}, 25s));
	EXPECT_TRUE(agents().are_right({1}));
	move(3, room::address(2), room::address(3));
	for (std::size_t i = 0; i < 2; ++i)
	{
		on_host(i, fmt::format("neigh flush dev {}", room::card));
	}
	ASSERT_TRUE(agents().are_done(clients(), 30s));
	EXPECT_TRUE(agents().are_right(clients()));
}

} // namespace rawswarm::test
