// SPDX-License-Identifier: BSD-3-Clause
#include "tests/support/network/raw_peer.hpp"

#include "tests/support/base/throw_errno.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

namespace rawswarm::test
{

namespace
{

sockaddr_in loopback_at(std::uint16_t const port)
{
	sockaddr_in at{};
	at.sin_family = AF_INET;
	at.sin_port = htons(port);
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return at;
}

unique_fd open_socket()
{
	unique_fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
	if (!fd)
	{
		throw_errno("a socket of a raw peer");
	}
	return fd;
}

bool is_readable(int const fd, std::chrono::steady_clock::time_point const until)
{
	auto const left =
		std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now()).count();
	pollfd wanted{fd, POLLIN, 0};
	return ::poll(&wanted, 1, left > 0 ? static_cast<int>(left) : 0) == 1;
}

unsigned digit(char const c)
{
	return static_cast<unsigned>(c <= '9' ? c - '0' : c - 'a' + 10);
}

} // namespace

raw_peer::raw_peer(unique_fd connection)
	: m_socket(std::move(connection))
{}

raw_peer raw_peer::dial(std::uint16_t const port, std::string const& from)
{
	auto fd = open_socket();
	auto const at = loopback_at(port);
	auto here = loopback_at(0);
	if (::inet_pton(AF_INET, from.c_str(), &here.sin_addr) != 1
		|| ::bind(fd.get(), reinterpret_cast<sockaddr const*>(&here), sizeof(here)) != 0)
	{
		throw_errno("a raw peer's own address");
	}
	if (::connect(fd.get(), reinterpret_cast<sockaddr const*>(&at), sizeof(at)) != 0)
	{
		fd = {};
	}
	return raw_peer(std::move(fd));
}

raw_peer raw_peer::dial_host(std::string const& address, std::uint16_t const port)
{
	auto fd = open_socket();
	auto at = loopback_at(port);
	if (::inet_pton(AF_INET, address.c_str(), &at.sin_addr) != 1)
	{
		throw_errno("the address that a raw peer dials");
	}
	if (::connect(fd.get(), reinterpret_cast<sockaddr const*>(&at), sizeof(at)) != 0)
	{
		fd = {};
	}
	return raw_peer(std::move(fd));
}

void raw_peer::limit_sending(std::chrono::milliseconds const time)
{
	auto const seconds = std::chrono::floor<std::chrono::seconds>(time);
	timeval const limit{seconds.count(), std::chrono::microseconds(time - seconds).count()};
	if (::setsockopt(m_socket.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) != 0)
	{
		throw_errno("a raw peer's time to send");
	}
}

void raw_peer::keep_little()
{
	int const bytes = 4096;
	if (::setsockopt(m_socket.get(), SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes)) != 0)
	{
		throw_errno("a raw peer's receive buffer");
	}
}

bool raw_peer::send(std::string const& bytes)
{
	return ::send(m_socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL)
		== static_cast<ssize_t>(bytes.size());
}

std::string raw_peer::read(std::size_t const bytes, std::chrono::milliseconds const timeout)
{
	auto const until = std::chrono::steady_clock::now() + timeout;
	std::string text;
	std::array<char, 4096> part{};
	while (text.size() < bytes && is_readable(m_socket.get(), until))
	{
		auto const n = ::recv(m_socket.get(), part.data(), std::min(part.size(), bytes - text.size()), 0);
		if (n <= 0)
		{
			break;
		}
		text.append(part.data(), static_cast<std::size_t>(n));
	}
	return text;
}

std::string raw_peer::read_message(std::chrono::milliseconds const timeout)
{
	auto const prefix = read(4, timeout);
	if (prefix.size() < 4)
	{
		return {};
	}
	std::size_t length = 0;
	for (auto const c : prefix)
	{
		length = length << 8 | static_cast<unsigned char>(c);
	}
	return read(length, timeout);
}

std::string bittorrent_handshake(std::string const& info_hash, std::string const& peer_id)
{
	std::string text("\x13"
					 "BitTorrent protocol");
	text.append(8, '\0'); // no extensions
	for (std::size_t i = 0; i + 1 < info_hash.size(); i += 2)
	{
		text.push_back(static_cast<char>(digit(info_hash[i]) << 4 | digit(info_hash[i + 1])));
	}
	return text + peer_id;
}

raw_listener::raw_listener(reach const at_which)
	: m_socket(open_socket())
{
	auto at = loopback_at(0);
	if (at_which == reach::every_address)
	{
		at.sin_addr.s_addr = htonl(INADDR_ANY);
	}
	socklen_t length = sizeof(at);
	if (::bind(m_socket.get(), reinterpret_cast<sockaddr const*>(&at), sizeof(at)) != 0
		|| ::listen(m_socket.get(), SOMAXCONN) != 0
		|| ::getsockname(m_socket.get(), reinterpret_cast<sockaddr*>(&at), &length) != 0)
	{
		throw_errno("listening as a raw peer");
	}
	m_port = ntohs(at.sin_port);
}

std::optional<raw_peer> raw_listener::accept(std::chrono::milliseconds const timeout)
{
	if (!is_readable(m_socket.get(), std::chrono::steady_clock::now() + timeout))
	{
		return {};
	}
	unique_fd fd(::accept4(m_socket.get(), nullptr, nullptr, SOCK_CLOEXEC));
	return fd ? std::optional(raw_peer(std::move(fd))) : std::nullopt;
}

} // namespace rawswarm::test
