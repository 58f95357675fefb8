// SPDX-License-Identifier: BSD-3-Clause
#include "tests/support/network/complete_peers.hpp"

#include "tests/support/base/throw_errno.hpp"

#include <algorithm>
#include <array>
#include <deque>
#include <list>
#include <string_view>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

namespace rawswarm::test
{

namespace
{

constexpr std::size_t handshake_size = 68;
constexpr std::size_t request_size = 13; // its kind and three numbers
constexpr char request_kind = 6;
constexpr char piece_kind = 7;
constexpr int poll_ms = 20;

std::string number(std::uint32_t const n)
{
	std::uint32_t const bytes = htonl(n);
	return {reinterpret_cast<char const*>(&bytes), sizeof bytes};
}

std::uint32_t number_at(std::string_view const bytes, std::size_t const at)
{
	std::uint32_t n = 0;
	bytes.copy(reinterpret_cast<char*>(&n), sizeof n, at);
	return ntohl(n);
}

std::string unhex(std::string const& digits)
{
	std::string bytes;
	for (std::size_t i = 0; i < digits.size(); i += 2)
	{
		bytes += static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16));
	}
	return bytes;
}

// One that was accepted. What it sends is pieces of the content, each behind a head.
class connection
{
public:
	connection(
		unique_fd socket, std::string greeting, std::string const& content, std::int64_t const piece_size)
		: m_socket(std::move(socket))
		, m_head(std::move(greeting))
		, m_content(content)
		, m_piece_size(piece_size)
	{}

	int socket() const { return m_socket.get(); }
	bool wants_to_send() const { return !m_head.empty() || !m_body.empty() || !m_asked_for.empty(); }

	// False: it is over.
	bool receive()
	{
		std::array<char, 16384> part{};
		auto const length = ::recv(m_socket.get(), part.data(), part.size(), MSG_DONTWAIT);
		if (length <= 0)
		{
			return length < 0 && (errno == EAGAIN || errno == EINTR);
		}
		m_received.append(part.data(), static_cast<std::size_t>(length));
		if (!m_greeted && m_received.size() >= handshake_size)
		{
			m_greeted = true;
			m_received.erase(0, handshake_size);
		}
		while (m_greeted && take_message())
		{}
		return true;
	}

	bool send()
	{
		while (wants_to_send())
		{
			if (m_head.empty() && m_body.empty())
			{
				next_piece();
			}
			auto const bytes = m_head.empty() ? m_body : std::string_view(m_head);
			auto const sent = ::send(m_socket.get(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
			if (sent < 0)
			{
				return errno == EAGAIN || errno == EINTR;
			}
			if (m_head.empty())
			{
				m_body.remove_prefix(static_cast<std::size_t>(sent));
			}
			else
			{
				m_head.erase(0, static_cast<std::size_t>(sent));
			}
		}
		return true;
	}

private:
	bool take_message()
	{
		if (m_received.size() < sizeof(std::uint32_t))
		{
			return false;
		}
		auto const size = number_at(m_received, 0) + sizeof(std::uint32_t);
		if (m_received.size() < size)
		{
			return false;
		}
		if (size == request_size + sizeof(std::uint32_t) && m_received[4] == request_kind)
		{
			m_asked_for.push_back(m_received.substr(5, request_size - 1));
		}
		m_received.erase(0, size);
		return true;
	}

	void next_piece()
	{
		auto const request = std::exchange(m_asked_for.front(), {});
		m_asked_for.pop_front();
		auto const length = number_at(request, 8);
		auto const at = number_at(request, 0) * m_piece_size + number_at(request, 4);
		m_head = number(length + 9) + piece_kind + request.substr(0, 8);
		m_body = std::string_view(m_content).substr(static_cast<std::size_t>(at), length);
	}

	unique_fd m_socket;
	std::string m_head;
	std::string_view m_body;
	std::string const& m_content;
	std::int64_t m_piece_size;
	std::string m_received;
	bool m_greeted = false;
	std::deque<std::string> m_asked_for; // piece, begin and length
};

unique_fd listen_on_loopback(std::uint16_t& port)
{
	unique_fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
	sockaddr_in address{};
	address.sin_family = AF_INET;
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	socklen_t length = sizeof address;
	auto* const generic = reinterpret_cast<sockaddr*>(&address);
	if (!fd || ::bind(fd.get(), generic, length) != 0 || ::listen(fd.get(), 16) != 0
		|| ::getsockname(fd.get(), generic, &length) != 0)
	{
		throw_errno("a peer on loopback");
	}
	port = ntohs(address.sin_port);
	return fd;
}

} // namespace

complete_peers::complete_peers(
	std::string const& info_hash, std::string content, int const piece_size, int const count)
	: m_content(std::move(content))
	, m_piece_size(piece_size)
{
	m_greeting = '\x13' + std::string("BitTorrent protocol") + std::string(8, '\0') + unhex(info_hash)
		+ "-XX0001-complete_peer";
	m_greeting.resize(handshake_size);
	auto const size = static_cast<std::int64_t>(m_content.size());
	auto const pieces = static_cast<std::size_t>((size + piece_size - 1) / piece_size);
	std::string bits((pieces + 7) / 8, '\0');
	for (std::size_t p = 0; p < pieces; ++p)
	{
		bits[p / 8] = static_cast<char>(bits[p / 8] | (0x80 >> (p % 8)));
	}
	m_greeting += number(static_cast<std::uint32_t>(bits.size() + 1)) + '\x05' + bits + number(1) + '\x01';
	for (int i = 0; i < count; ++i)
	{
		m_listeners.push_back(listen_on_loopback(m_ports.emplace_back()));
	}
	m_thread = std::thread([this] { serve(); });
}

complete_peers::~complete_peers()
{
	m_stop = true;
	m_thread.join();
}

void complete_peers::serve()
{
	std::list<connection> connections;
	while (!m_stop)
	{
		std::vector<pollfd> fds;
		for (auto const& l : m_listeners)
		{
			fds.push_back({l.get(), POLLIN, 0});
		}
		for (auto const& c : connections)
		{
			fds.push_back({c.socket(), static_cast<short>(POLLIN | (c.wants_to_send() ? POLLOUT : 0)), 0});
		}
		::poll(fds.data(), fds.size(), poll_ms);
		auto ready = fds.cbegin() + static_cast<std::ptrdiff_t>(m_listeners.size());
		for (auto c = connections.begin(); c != connections.end(); ++ready)
		{
			bool const goes_on = ((ready->revents & ~POLLOUT) == 0 || c->receive())
				&& ((ready->revents & POLLOUT) == 0 || c->send());
			c = goes_on ? std::next(c) : connections.erase(c);
		}
		for (std::size_t i = 0; i < m_listeners.size(); ++i)
		{
			if (fds[i].revents == 0)
			{
				continue;
			}
			if (unique_fd accepted(::accept4(fds[i].fd, nullptr, nullptr, SOCK_CLOEXEC)); accepted)
			{
				connections.emplace_back(std::move(accepted), m_greeting, m_content, m_piece_size);
			}
		}
	}
}

} // namespace rawswarm::test
