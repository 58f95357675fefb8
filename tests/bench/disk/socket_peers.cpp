// SPDX-License-Identifier: BSD-3-Clause
#include "tests/bench/disk/socket_peers.hpp"

#include "tests/bench/disk/block_delivery.hpp"
#include "tests/bench/disk/block_stream.hpp"
#include "tests/support/base/throw_errno.hpp"

#include <cerrno>
#include <cstring>
#include <utility>

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

namespace rawswarm::bench
{

socket_peers::socket_peers(int const peers, std::vector<int> order)
	: m_listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))
	, m_peers(static_cast<std::size_t>(peers))
	, m_order(std::move(order))
{
	sockaddr_in address{};
	address.sin_family = AF_INET;
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	auto* const any = reinterpret_cast<sockaddr*>(&address);
	socklen_t length = sizeof(address);
	if (!m_listener || ::bind(m_listener.get(), any, length) != 0 || ::listen(m_listener.get(), peers) != 0
		|| ::getsockname(m_listener.get(), any, &length) != 0)
	{
		test::throw_errno("listening on loopback");
	}
	m_port = ntohs(address.sin_port);
}

void socket_peers::start(std::chrono::seconds const time_limit)
{
	for (auto& p : m_peers)
	{
		p.socket = unique_fd(::accept4(m_listener.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
		if (!p.socket)
		{
			test::throw_errno("accepting a connection");
		}
	}
	m_end = std::chrono::steady_clock::now() + time_limit;
	m_thread = std::jthread([this] { send_all(); });
}

void socket_peers::send_all()
{
	for (;;)
	{
		std::vector<pollfd> waiting;
		for (auto const& p : m_peers)
		{
			waiting.push_back({p.socket.get(), POLLOUT, 0}); // poll() skips one that has ended: -1
		}
		::poll(waiting.data(), waiting.size(), -1);
		bool all_ended = true;
		for (std::size_t i = 0; i < m_peers.size(); ++i)
		{
			if (waiting[i].revents != 0 && !send_some(m_peers[i]))
			{
				m_peers[i].socket = {};
			}
			all_ended = all_ended && !m_peers[i].socket;
		}
		if (all_ended)
		{
			return;
		}
	}
}

// As much as the socket takes. False: the peer has nothing to send any more, or nobody to send it to.
bool socket_peers::send_some(peer& p)
{
	for (;;)
	{
		if (p.sent == message_bytes && !take_block(p))
		{
			return false;
		}
		auto const n =
			::send(p.socket.get(), p.message.data() + p.sent, message_bytes - p.sent, MSG_NOSIGNAL);
		if (n < 0)
		{
			return errno == EAGAIN || errno == EINTR;
		}
		p.sent += static_cast<std::size_t>(n);
	}
}

// Makes the next message.
bool socket_peers::take_block(peer& p)
{
	if (p.piece < 0)
	{
		if (m_next == m_order.size() || std::chrono::steady_clock::now() >= m_end)
		{
			return false;
		}
		p.piece = m_order[m_next++];
		p.block = 0;
	}
	std::memcpy(p.message.data(), &p.piece, sizeof(p.piece));
	std::memcpy(p.message.data() + sizeof(p.piece), &p.block, sizeof(p.block));
	std::memcpy(p.message.data() + head_bytes, block_content(p.piece, p.block), message_bytes - head_bytes);
	p.sent = 0;
	p.piece = ++p.block < blocks_in_piece ? p.piece : -1;
	return true;
}

} // namespace rawswarm::bench
