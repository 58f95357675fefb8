// SPDX-License-Identifier: BSD-3-Clause
#include "agent/net/wake_on_lan.hpp"

#include "base/canonical_text.hpp"
#include "base/interface_addresses.hpp"
#include "base/text.hpp"
#include "base/unique_fd.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>
#include <vector>

#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace rawswarm
{

namespace
{

using clock = std::chrono::steady_clock;

// For the queue of a card, which sends 1,000 packets in a millisecond or two. Initial value, not measured.
constexpr std::chrono::milliseconds longest_wait{100};

constexpr std::size_t repetitions = 16;

// The numbers of the interfaces that are up and can broadcast.
std::vector<unsigned> broadcasting_interfaces()
{
	std::vector<unsigned> found;
	for_each_interface_address([&found](ifaddrs const& i) {
		bool const is_meant = (i.ifa_flags & IFF_UP) != 0 && (i.ifa_flags & IFF_BROADCAST) != 0
			&& (i.ifa_flags & IFF_LOOPBACK) == 0;
		auto const number = is_meant ? ::if_nametoindex(i.ifa_name) : 0;
		if (number != 0 && std::ranges::find(found, number) == found.end())
		{
			found.push_back(number);
		}
	});
	return found;
}

// To 255.255.255.255 by this interface, whatever the routes say. 0, or the error's number.
int send_by(unsigned const interface, int const socket, magic_packet const& packet)
{
	sockaddr_in to{};
	to.sin_family = AF_INET;
	to.sin_port = htons(wake_port);
	to.sin_addr.s_addr = htonl(INADDR_BROADCAST);
	iovec part{const_cast<std::uint8_t*>(packet.data()), packet.size()}; // sendmsg() only reads
	alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(in_pktinfo))> control{};
	msghdr message{};
	message.msg_name = &to;
	message.msg_namelen = sizeof to;
	message.msg_iov = &part;
	message.msg_iovlen = 1;
	message.msg_control = control.data();
	message.msg_controllen = control.size();
	in_pktinfo by{};
	by.ipi_ifindex = static_cast<int>(interface);
	auto* const header = CMSG_FIRSTHDR(&message);
	header->cmsg_level = IPPROTO_IP;
	header->cmsg_type = IP_PKTINFO;
	header->cmsg_len = CMSG_LEN(sizeof by);
	std::memcpy(CMSG_DATA(header), &by, sizeof by);
	return ::sendmsg(socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0 ? 0 : errno;
}

bool is_full(int const why)
{
	return why == EAGAIN || why == ENOBUFS;
}

// Nothing tells when a card's queue has space again. False: the time is up.
bool waited_for_space(clock::time_point const until)
{
	bool const may_wait = clock::now() < until;
	if (may_wait)
	{
		std::this_thread::sleep_for(std::chrono::milliseconds(1));
	}
	return may_wait;
}

} // namespace

std::optional<mac_address> parse_mac_address(std::string_view const text)
{
	auto digits = canonical_mac(text).value_or("");
	std::erase(digits, ':');
	auto const bytes = from_hex(digits).value_or("");
	mac_address mac{};
	if (bytes.size() != mac.size())
	{
		return {}; // that of IP over InfiniBand is longer
	}
	std::ranges::transform(bytes, mac.begin(), [](char const c) { return static_cast<std::uint8_t>(c); });
	return mac;
}

magic_packet make_magic_packet(mac_address const& mac)
{
	magic_packet packet;
	auto at = std::fill_n(packet.begin(), mac.size(), std::uint8_t(0xff));
	for (std::size_t i = 0; i < repetitions; ++i)
	{
		at = std::ranges::copy(mac, at).out;
	}
	return packet;
}

result<std::size_t> wake_machines(std::span<mac_address const> const machines)
{
	unique_fd const socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
	int const on = 1;
	if (!socket || ::setsockopt(socket.get(), SOL_SOCKET, SO_BROADCAST, &on, sizeof on) != 0)
	{
		return fail(fault::network, system_error(errno), "opening a socket for Wake-on-LAN");
	}
	std::size_t used = 0;
	int why = 0;
	auto const patient_until = clock::now() + longest_wait;
	std::vector<bool> is_sent(machines.size());
	for (auto const interface : broadcasting_interfaces())
	{
		bool is_used = false;
		for (std::size_t i = 0; i < machines.size(); ++i)
		{
			auto const packet = make_magic_packet(machines[i]);
			int failed = send_by(interface, socket.get(), packet);
			while (is_full(failed) && waited_for_space(patient_until))
			{
				failed = send_by(interface, socket.get(), packet);
			}
			is_sent[i] = is_sent[i] || failed == 0;
			is_used = is_used || failed == 0;
			why = failed != 0 ? failed : why;
		}
		used += is_used ? 1 : 0;
	}
	if (used == 0 && why != 0)
	{
		return fail(fault::network, system_error(why), "sending Wake-on-LAN packets");
	}
	if (used == 0)
	{
		return fail(
			fault::network, "sending Wake-on-LAN packets: no network interface that can broadcast is up");
	}
	if (auto const lost = std::ranges::count(is_sent, false); lost > 0)
	{
		return fail(fault::network, system_error(why), "sending Wake-on-LAN packets: {} of {} were not sent",
			lost, machines.size());
	}
	return used;
}

} // namespace rawswarm
