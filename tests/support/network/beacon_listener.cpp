// SPDX-License-Identifier: BSD-3-Clause
#include "tests/support/network/beacon_listener.hpp"

#include "tests/support/base/throw_errno.hpp"

#include <array>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

namespace rawswarm::test
{

beacon_listener::beacon_listener()
	: m_socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0))
	, m_stop(::eventfd(0, EFD_CLOEXEC))
{
	sockaddr_in address{};
	address.sin_family = AF_INET;
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	socklen_t length = sizeof(address);
	auto* const generic = reinterpret_cast<sockaddr*>(&address);
	if (!m_socket || !m_stop || ::bind(m_socket.get(), generic, length) != 0
		|| ::getsockname(m_socket.get(), generic, &length) != 0)
	{
		throw_errno("listening for beacons");
	}
	m_port = ntohs(address.sin_port);
	m_thread = std::thread([this] { receive(); });
}

beacon_listener::~beacon_listener()
{
	std::uint64_t const one = 1;
	// Cannot fail, as the counter is far from full.
	[[maybe_unused]] auto const n = ::write(m_stop.get(), &one, sizeof(one));
	m_thread.join();
}

std::string beacon_listener::address() const
{
	return "127.0.0.1:" + std::to_string(m_port);
}

void beacon_listener::receive()
{
	std::array<char, 65536> buffer{};
	for (;;)
	{
		std::array<pollfd, 2> ready{{{m_socket.get(), POLLIN, 0}, {m_stop.get(), POLLIN, 0}}};
		::poll(ready.data(), ready.size(), -1);
		if (ready[1].revents != 0)
		{
			return;
		}
		auto const n = ::recv(m_socket.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
		if (n < 0)
		{
			continue;
		}
		auto const now = std::chrono::steady_clock::now();
		std::string text(buffer.data(), static_cast<std::size_t>(n));
		auto json = nlohmann::json::parse(text, nullptr, false);
		std::lock_guard const lock(m_mutex);
		m_beacons.push_back({std::move(text), std::move(json), now});
		m_arrived.notify_all();
	}
}

std::vector<received_beacon> beacon_listener::beacons() const
{
	std::lock_guard const lock(m_mutex);
	return m_beacons;
}

std::optional<received_beacon> beacon_listener::wait_for(
	std::function<bool(nlohmann::json const&)> const& accepts, std::chrono::milliseconds timeout) const
{
	auto const deadline = std::chrono::steady_clock::now() + timeout;
	std::unique_lock lock(m_mutex);
	for (std::size_t at = 0;;)
	{
		for (; at < m_beacons.size(); ++at)
		{
			if (!m_beacons[at].json.is_discarded() && accepts(m_beacons[at].json))
			{
				return m_beacons[at];
			}
		}
		if (!m_arrived.wait_until(lock, deadline, [&] { return m_beacons.size() > at; }))
		{
			return std::nullopt;
		}
	}
}

std::optional<received_beacon> beacon_listener::wait_for_state(
	std::string const& state, std::chrono::milliseconds timeout) const
{
	return wait_for([&](nlohmann::json const& json) { return json.value("state", "") == state; }, timeout);
}

} // namespace rawswarm::test
