// SPDX-License-Identifier: BSD-3-Clause
#include "tests/support/network/listeners.hpp"

#include <boost/asio/ip/address_v4.hpp>
#include <fmt/format.h>

#include <fstream>
#include <thread>

#include <arpa/inet.h>

namespace rawswarm::test
{

namespace
{

// Lines of /proc/net/tcp and udp: "0: 0100007F:1F90 00000000:0000 0A …". 0A is LISTEN, 07 an unconnected UDP
// socket.
bool has_socket(char const* table, std::string const& address, std::uint16_t port, char const* state)
{
	// the address in network byte order, printed as a number in host byte order
	auto const number = ntohl(boost::asio::ip::make_address_v4(address).to_uint());
	auto const own = fmt::format(" {:08X}:{:04X} 00000000:0000 {} ", number, port, state);
	std::ifstream lines(table);
	for (std::string line; std::getline(lines, line);)
	{
		if (line.find(own) != std::string::npos)
		{
			return true;
		}
	}
	return false;
}

bool wait_for_socket(char const* table, std::string const& address, std::uint16_t port, char const* state,
	std::chrono::milliseconds timeout)
{
	auto const deadline = std::chrono::steady_clock::now() + timeout;
	while (!has_socket(table, address, port, state))
	{
		if (std::chrono::steady_clock::now() >= deadline)
		{
			return false;
		}
		// The kernel does not report that a socket was bound, so it has to be polled.
		std::this_thread::sleep_for(std::chrono::milliseconds(5));
	}
	return true;
}

} // namespace

std::string loopback(std::uint16_t port)
{
	return fmt::format("127.0.0.1:{}", port);
}

bool wait_for_listener(std::uint16_t port, std::chrono::milliseconds timeout)
{
	return wait_for_listener("127.0.0.1", port, timeout);
}

bool wait_for_listener(std::string const& address, std::uint16_t port, std::chrono::milliseconds timeout)
{
	return wait_for_socket("/proc/net/tcp", address, port, "0A", timeout);
}

bool wait_for_udp_listener(std::uint16_t port, std::chrono::milliseconds timeout)
{
	return wait_for_socket("/proc/net/udp", "127.0.0.1", port, "07", timeout);
}

} // namespace rawswarm::test
