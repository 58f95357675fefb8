// SPDX-License-Identifier: BSD-3-Clause
#include "tests/support/network/dial_counter.hpp"

#include "tests/support/base/throw_errno.hpp"

#include <array>

#include <arpa/inet.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <sys/socket.h>

namespace rawswarm::test
{

namespace
{

// True for a TCP packet, starting at its IP header, with SYN and without ACK.
std::array<sock_filter, 6> only_dials()
{
	constexpr std::uint32_t flags = 13; // in the TCP header
	constexpr std::uint32_t syn = 0x02;
	constexpr std::uint32_t ack = 0x10;
	constexpr std::uint32_t all = 0xffff;
	return {{
		BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0),
		BPF_STMT(BPF_LD | BPF_B | BPF_IND, flags),
		BPF_STMT(BPF_ALU | BPF_AND | BPF_K, syn | ack),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, syn, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, all),
		BPF_STMT(BPF_RET | BPF_K, 0),
	}};
}

} // namespace

dial_counter::dial_counter(room const& hosts, std::size_t const host)
{
	net_namespace::visit const inside(hosts.host(host));
	m_socket = unique_fd(::socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP));
	auto filter = only_dials();
	sock_fprog const program{static_cast<unsigned short>(filter.size()), filter.data()};
	if (!m_socket
		|| ::setsockopt(m_socket.get(), SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) != 0)
	{
		throw_errno("counting connections");
	}
}

void dial_counter::receive()
{
	std::array<char, 128> packet{};
	sockaddr_in from{};
	socklen_t length = sizeof(from);
	while (::recvfrom(m_socket.get(), packet.data(), packet.size(), MSG_TRUNC,
			   reinterpret_cast<sockaddr*>(&from), &length)
		> 0)
	{
		std::array<char, INET_ADDRSTRLEN> text{};
		++m_dials[::inet_ntop(AF_INET, &from.sin_addr, text.data(), text.size())];
	}
}

int dial_counter::from(std::size_t const host)
{
	receive();
	return m_dials[room::address(host)];
}

} // namespace rawswarm::test
