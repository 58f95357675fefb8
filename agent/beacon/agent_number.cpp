// SPDX-License-Identifier: BSD-3-Clause
#include "agent/beacon/agent_number.hpp"

#include <algorithm>
#include <cerrno>
#include <cstddef>

#include <sys/socket.h>
#include <sys/un.h>

namespace rawswarm
{

namespace
{

constexpr int max_number = 99; // more agents than anyone starts on one machine

// False: another agent holds it. An error of another kind is taken for success: the number is for displays.
bool hold(unique_fd const& socket, std::string const& name)
{
	sockaddr_un at{};
	at.sun_family = AF_UNIX;
	// the first byte stays 0: an abstract address
	auto const length = std::min(name.size(), sizeof(at.sun_path) - 1);
	std::copy_n(name.begin(), length, std::begin(at.sun_path) + 1);
	auto const size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + length);
	return ::bind(socket.get(), reinterpret_cast<sockaddr const*>(&at), size) == 0 || errno != EADDRINUSE;
}

} // namespace

agent_number::agent_number(std::string const& machine)
	: m_socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0))
{
	for (int number = 1; m_socket && number <= max_number; ++number)
	{
		if (hold(m_socket, "rawswarm-" + std::to_string(number) + "-" + machine))
		{
			m_value = number;
			return;
		}
	}
}

std::string agent_id(std::string const& machine, int const number)
{
	return number == 1 ? machine : machine + "/" + std::to_string(number);
}

} // namespace rawswarm
