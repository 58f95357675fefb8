// SPDX-License-Identifier: BSD-3-Clause
#include "tests/bench/serve/client_socket.hpp"

#include "tests/support/base/throw_errno.hpp"

#include <cerrno>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace rawswarm::bench
{

unique_fd connect_from(unsigned const network, unsigned const number, std::uint16_t const port)
{
	constexpr unsigned hosts = 250; // in the last number of an address, from 1
	unique_fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
	if (!socket)
	{
		test::throw_errno("socket");
	}
	sockaddr_in at{};
	at.sin_family = AF_INET;
	at.sin_addr.s_addr =
		htonl((127U << 24U) | (network << 16U) | ((number / hosts) << 8U) | (number % hosts + 1));
	if (::bind(socket.get(), reinterpret_cast<sockaddr const*>(&at), sizeof(at)) != 0)
	{
		test::throw_errno("bind");
	}
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	at.sin_port = htons(port);
	if (::connect(socket.get(), reinterpret_cast<sockaddr const*>(&at), sizeof(at)) != 0
		&& errno != EINPROGRESS)
	{
		test::throw_errno("connect");
	}
	return socket;
}

} // namespace rawswarm::bench
