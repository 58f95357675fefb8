// SPDX-License-Identifier: BSD-3-Clause
// Hosts that are off: they answer nothing at all, not even that nobody listens.
#include "base/bytes.hpp"
#include "tests/support/network/own_network.hpp"
#include "tests/support/program/room_test.hpp"

#include <fmt/format.h>

#include <chrono>
#include <csignal>
#include <string>
#include <thread>

namespace rawswarm::test
{

namespace
{

using namespace std::chrono_literals;

class lost_hosts : public room_test
{
protected:
	// The cable of a host.
	void set_cable(std::size_t const host, bool const is_in)
	{
		net_namespace::visit const inside(hosts().host(host));
		own_network::ip(fmt::format("link set {} {}", room::card, is_in ? "up" : "down"));
	}

	// A seeder's power fails in the middle of a download, for so long. Returns how long after its return
	// further pieces are there.
	std::chrono::steady_clock::duration time_to_resume_after(std::chrono::seconds const off)
	{
		make({.clients = 1, .mbit = 50, .mib = 64});
		agents().start_seeder();
		agents().start(1, agents().client_job(1));
		EXPECT_TRUE(agents().wait_until([this] { return agents().done(1) > 4_MiB; }, 30s));
		set_cable(0, false);
		agents().let_end({0});
		agents().process(0).signal(SIGKILL);
		std::this_thread::sleep_for(off);
		agents().start(0, agents().seeder_job());
		std::this_thread::sleep_for(1s); // it listens by now
		EXPECT_TRUE(agents().wait_until([] { return true; }, 1s)); // takes what beacons were waiting
		auto const before = agents().done(1);
		set_cable(0, true);
		auto const back = std::chrono::steady_clock::now();
		EXPECT_TRUE(agents().wait_until([this, before] { return agents().done(1) > before; }, 150s))
			<< agents().describe();
		auto const resumed = std::chrono::steady_clock::now();
		EXPECT_TRUE(agents().are_done({1}, 60s));
		EXPECT_TRUE(agents().are_right({1}));
		return resumed - back;
	}
};

} // namespace

// Attempts of libtorrent itself would be at 0 and 15 seconds, and the kernel's within them at 1, 3 and 7.
TEST_F(lost_hosts, seeder_that_is_switched_on_late_is_found_within_three_seconds)
{
	make({.clients = 1, .mib = 1});
	agents().start_seeder();
	set_cable(0, false);
	agents().start(1, agents().client_job(1));
	// it dials from now on
	auto const is_started = [this] { return agents().log(1).find(": downloading") != std::string::npos; };
	ASSERT_TRUE(agents().wait_until(is_started, 30s)) << agents().log(1);
	std::this_thread::sleep_for(8500ms);
	set_cable(0, true);
	auto const back = std::chrono::steady_clock::now();
	ASSERT_TRUE(agents().are_done({1}, 60s));
	EXPECT_LT(*agents().beacons().done_at(1) - back, 4500ms);
	EXPECT_TRUE(agents().are_right({1}));
}

// Its end reaches nobody, so the other side's kernel still knows a connection. TCP would repeat what is not
// confirmed ever more rarely, and libtorrent waits two minutes.
TEST_F(lost_hosts, seeder_whose_power_failed_is_fetched_from_within_three_seconds_of_its_return)
{
	EXPECT_LT(time_to_resume_after(15s), 3500ms);
}

} // namespace rawswarm::test
