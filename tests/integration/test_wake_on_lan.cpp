// SPDX-License-Identifier: BSD-3-Clause
// Wake-on-LAN on the wire: what a card that sleeps would see.
#include "agent/net/wake_on_lan.hpp"
#include "base/unique_fd.hpp"
#include "tests/support/base/skip.hpp"
#include "tests/support/base/throw_errno.hpp"
#include "tests/support/base/value_of.hpp"
#include "tests/support/network/own_network.hpp"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <string>
#include <vector>

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <sys/socket.h>

namespace rawswarm::test
{

namespace
{

// Everything that arrives at an interface, with its headers.
class card
{
public:
	explicit card(char const* const interface)
		: m_socket(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_ALL)))
	{
		sockaddr_ll at{};
		at.sll_family = AF_PACKET;
		at.sll_protocol = htons(ETH_P_ALL);
		at.sll_ifindex = static_cast<int>(::if_nametoindex(interface));
		if (!m_socket || ::bind(m_socket.get(), reinterpret_cast<sockaddr*>(&at), sizeof at) != 0)
		{
			throw_errno("listening at an interface");
		}
	}

	// The frames that hold the packet, of those that arrive within two seconds, until there are as many.
	int count(magic_packet const& packet, int const wanted)
	{
		std::string const searched(packet.begin(), packet.end());
		std::array<char, 2048> part{};
		int found = 0;
		pollfd waiting{m_socket.get(), POLLIN, 0};
		while (found<wanted&& ::poll(&waiting, 1, 2000)> 0)
		{
			auto const length = ::recv(m_socket.get(), part.data(), part.size(), 0);
			std::string const frame(part.data(), length > 0 ? static_cast<std::size_t>(length) : 0);
			bool const is_to_all = frame.starts_with(std::string(6, '\xff'));
			found += is_to_all && frame.find(searched, ETH_HLEN) != std::string::npos ? 1 : 0;
		}
		return found;
	}

private:
	unique_fd m_socket;
};

} // namespace

TEST(wake_on_lan, every_network_of_this_machine_gets_the_packet_of_each_that_is_to_wake)
{
	SKIP_WITHOUT_ROOT();
	own_network const network;
	own_network::ip("link add one type veth peer name one-end");
	own_network::ip("link add two type veth peer name two-end");
	own_network::ip("link add down type veth peer name down-end");
	for (auto const* const name : {"one", "one-end", "two", "two-end"})
	{
		own_network::ip(std::string("link set up dev ") + name);
	}
	own_network::ip("addr add 10.77.0.1/24 dev one"); // two has no address
	card first("one-end");
	card second("two-end");
	std::vector<mac_address> const machines{{0x52, 0x54, 0, 0, 0, 1}, {0x52, 0x54, 0, 0, 0, 2}};
	EXPECT_EQ(value_of(wake_machines(machines)), 4u)
		<< "both ends of both wires, which lie in this namespace";
	for (auto const& machine : machines)
	{
		EXPECT_EQ(first.count(make_magic_packet(machine), 1), 1);
	}
	EXPECT_EQ(second.count(make_magic_packet(machines.front()), 1), 1);
}

TEST(wake_on_lan, without_a_network_one_sentence_says_so)
{
	SKIP_WITHOUT_ROOT();
	own_network const network;
	std::vector<mac_address> const machines{{0x52, 0x54, 0, 0, 0, 1}};
	auto const woken = wake_machines(machines);
	ASSERT_FALSE(woken);
	EXPECT_EQ(woken.error().kind, fault::network);
	EXPECT_EQ(
		woken.error().text, "sending Wake-on-LAN packets: no network interface that can broadcast is up");
}

} // namespace rawswarm::test
