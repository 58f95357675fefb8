// SPDX-License-Identifier: BSD-3-Clause
#include "tests/support/network/beacon_inbox.hpp"

#include "agent/beacon/beacon_format.hpp"
#include "tests/support/base/throw_errno.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

namespace rawswarm::test
{

namespace
{

constexpr std::uint16_t port = 7700;

unique_fd listen_on_loopback()
{
	unique_fd fd(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
	sockaddr_in address{};
	address.sin_family = AF_INET;
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	address.sin_port = htons(port);
	if (!fd || ::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0)
	{
		throw_errno("listening for beacons");
	}
	return fd;
}

} // namespace

beacon_inbox::beacon_inbox(room const& hosts)
	: m_beacons(hosts.size())
{
	for (std::size_t i = 0; i < hosts.size(); ++i)
	{
		net_namespace::visit const inside(hosts.host(i));
		m_sockets.push_back(listen_on_loopback());
	}
}

std::string beacon_inbox::address()
{
	return fmt::format("127.0.0.1:{}", port);
}

void beacon_inbox::poll(std::chrono::milliseconds const timeout)
{
	std::vector<pollfd> ready;
	for (auto const& socket : m_sockets)
	{
		ready.push_back({socket.get(), POLLIN, 0});
	}
	if (::poll(ready.data(), ready.size(), static_cast<int>(timeout.count())) <= 0)
	{
		return;
	}
	for (std::size_t i = 0; i < ready.size(); ++i)
	{
		if (ready[i].revents != 0)
		{
			receive(i);
		}
	}
}

void beacon_inbox::receive(std::size_t const host)
{
	std::array<char, 2 * max_beacon_bytes> buffer{};
	for (;;)
	{
		auto const n = ::recv(m_sockets[host].get(), buffer.data(), buffer.size(), 0);
		if (n < 0)
		{
			return;
		}
		auto const beacon = decode_beacon(std::string_view(buffer.data(), static_cast<std::size_t>(n)));
		if (!beacon)
		{
			throw std::runtime_error(beacon.error().text);
		}
		auto const sum = total_of(beacon.value().p.targets);
		m_beacons[host].push_back({std::chrono::steady_clock::now(), beacon.value().p.state, sum.done,
			static_cast<int>(sum.peers)});
	}
}

std::optional<std::chrono::steady_clock::time_point> beacon_inbox::done_at(std::size_t const host) const
{
	auto const& beacons = m_beacons.at(host);
	auto const found = std::ranges::find_if(beacons,
		[](host_beacon const& b) { return b.state == job_state::seeding || b.state == job_state::done; });
	return found == beacons.end() ? std::nullopt : std::optional(found->at);
}

bool beacon_inbox::has_failed(std::size_t const host) const
{
	auto const& beacons = m_beacons.at(host);
	return !beacons.empty() && beacons.back().state == job_state::failed;
}

} // namespace rawswarm::test
