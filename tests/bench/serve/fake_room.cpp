// SPDX-License-Identifier: BSD-3-Clause
#include "tests/bench/serve/fake_room.hpp"

#include "tests/bench/serve/client_socket.hpp"
#include "tests/support/base/throw_errno.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>

#include <sys/epoll.h>
#include <sys/socket.h>

namespace rawswarm::bench
{

namespace
{

using clock = std::chrono::steady_clock;

constexpr unsigned network = 1; // 127.1.0.0/16
constexpr std::size_t read_at_once = std::size_t(1024) * 1024;

struct machine
{
	unique_fd socket;
	std::size_t step = 0; // of its requests
	std::string head; // of the answer, until it is whole
	bool has_head = false;
	std::uint64_t left = 0; // bytes of the answer
};

class room
{
public:
	room(std::uint16_t port, std::vector<std::string> requests, unsigned machines)
		: m_port(port)
		, m_requests(std::move(requests))
		, m_machines(machines)
		, m_events(::epoll_create1(EPOLL_CLOEXEC))
	{}

	room_result run(std::chrono::seconds limit);

private:
	void begin(std::uint32_t number);
	void ask(std::uint32_t number);
	void read(std::uint32_t number);
	bool read_head(machine& m);
	void finish(std::uint32_t number, bool right);

	std::uint16_t m_port;
	std::vector<std::string> m_requests;
	std::vector<machine> m_machines;
	unique_fd m_events;
	clock::time_point m_started{};
	room_result m_result;
};

void room::begin(std::uint32_t const number)
{
	auto& m = m_machines[number];
	m.socket = connect_from(network, number, m_port);
	m.head.clear();
	m.has_head = false;
	epoll_event event{};
	event.events = EPOLLOUT;
	event.data.u32 = number;
	::epoll_ctl(m_events.get(), EPOLL_CTL_ADD, m.socket.get(), &event);
}

void room::ask(std::uint32_t const number)
{
	auto& m = m_machines[number];
	auto const& request = m_requests[m.step];
	if (::send(m.socket.get(), request.data(), request.size(), MSG_NOSIGNAL) != ssize_t(request.size()))
	{
		finish(number, false);
		return;
	}
	epoll_event event{};
	event.events = EPOLLIN;
	event.data.u32 = number;
	::epoll_ctl(m_events.get(), EPOLL_CTL_MOD, m.socket.get(), &event);
}

// False: it is not the answer that was asked for.
bool room::read_head(machine& m)
{
	std::array<char, 4096> part{};
	auto const n = ::recv(m.socket.get(), part.data(), part.size(), 0);
	if (n <= 0)
	{
		return n < 0 && errno == EAGAIN;
	}
	m.head.append(part.data(), static_cast<std::size_t>(n));
	auto const end = m.head.find("\r\n\r\n");
	if (end == std::string::npos)
	{
		return true;
	}
	constexpr std::string_view length = "Content-Length: ";
	auto const at = m.head.find(length);
	if (!m.head.starts_with("HTTP/1.1 200 ") || at == std::string::npos)
	{
		return false;
	}
	m.has_head = true;
	m.left = std::strtoull(m.head.c_str() + at + length.size(), nullptr, 10);
	auto const come = m.head.size() - end - 4;
	m_result.bytes += come;
	m.left -= come;
	return true;
}

void room::read(std::uint32_t const number)
{
	auto& m = m_machines[number];
	if (!m.has_head)
	{
		if (!read_head(m))
		{
			finish(number, false);
			return;
		}
	}
	else
	{
		// Thrown away in the kernel (tcp(7)): what is measured is the server.
		auto const n = ::recv(m.socket.get(), nullptr, read_at_once, MSG_TRUNC);
		if (n == 0 || (n < 0 && errno != EAGAIN))
		{
			finish(number, false);
			return;
		}
		m.left -= static_cast<std::uint64_t>(std::max<ssize_t>(n, 0));
		m_result.bytes += static_cast<std::uint64_t>(std::max<ssize_t>(n, 0));
	}
	if (m.has_head && m.left == 0)
	{
		finish(number, true);
	}
}

void room::finish(std::uint32_t const number, bool const right)
{
	auto& m = m_machines[number];
	m.socket = {};
	m_result.refused += right ? 0 : 1;
	m.step += right ? 1 : 0;
	if (m.step < m_requests.size())
	{
		begin(number);
		return;
	}
	m_result.times.emplace_back(clock::now() - m_started);
}

room_result room::run(std::chrono::seconds const limit)
{
	m_started = clock::now();
	for (std::uint32_t i = 0; i < m_machines.size(); ++i)
	{
		begin(i);
	}
	std::array<epoll_event, 256> events{};
	while (m_result.times.size() < m_machines.size() && clock::now() - m_started < limit)
	{
		auto const n = ::epoll_wait(m_events.get(), events.data(), static_cast<int>(events.size()), 100);
		for (int i = 0; i < n; ++i)
		{
			auto const& event = events.at(static_cast<std::size_t>(i));
			if ((event.events & EPOLLOUT) != 0)
			{
				ask(event.data.u32);
			}
			else
			{
				read(event.data.u32);
			}
		}
	}
	return std::move(m_result);
}

} // namespace

room_result run_room(std::uint16_t const port, unsigned const machines, std::vector<std::string> const& paths,
	std::chrono::seconds const limit)
{
	std::vector<std::string> requests;
	for (auto const& path : paths)
	{
		requests.push_back(
			fmt::format("GET {} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n", path));
	}
	auto const report = std::string(1000, 'x');
	requests.push_back(fmt::format("POST /report/1 HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: "
								   "close\r\nContent-Length: {}\r\n\r\n{}",
		report.size(), report));
	return room(port, std::move(requests), machines).run(limit);
}

} // namespace rawswarm::bench
