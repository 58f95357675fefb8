// SPDX-License-Identifier: BSD-3-Clause
// Hosts that are off: they answer nothing at all, not even that nobody listens.
#include "tests/support/network/own_network.hpp"
#include "tests/support/program/room_test.hpp"

#include <fmt/format.h>

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
};

} // namespace

// Attempts of libtorrent itself would be at 0 and 15 seconds, and the kernel's within them at 1, 3 and 7.
TEST_F(lost_hosts, seeder_that_is_switched_on_late_is_found_within_three_seconds)
{
	make({.clients = 1, .mib = 1});
	agents().start_seeder();
	set_cable(0, false);
	agents().start(1, agents().client_job(1));
	std::this_thread::sleep_for(8500ms);
	set_cable(0, true);
	auto const back = std::chrono::steady_clock::now();
	ASSERT_TRUE(agents().are_done({1}, 60s));
	EXPECT_LT(*agents().beacons().done_at(1) - back, 4500ms);
	EXPECT_TRUE(agents().are_right({1}));
}

} // namespace rawswarm::test
