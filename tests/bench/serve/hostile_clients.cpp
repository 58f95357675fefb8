// SPDX-License-Identifier: BSD-3-Clause
#include "tests/bench/serve/hostile_clients.hpp"

#include "tests/bench/serve/client_socket.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <string_view>
#include <vector>

#include <poll.h>
#include <sys/socket.h>

namespace rawswarm::bench
{

namespace
{

using namespace std::chrono_literals;

constexpr unsigned slow_network = 66; // 127.66.0.0/16
constexpr unsigned flood_network = 67;
constexpr unsigned flood_connections = 4;

bool is_open(int const socket)
{
	char byte = 0;
	auto const n = ::recv(socket, &byte, 1, MSG_PEEK);
	return n > 0 || (n < 0 && errno == EAGAIN);
}

} // namespace

slowloris::slowloris(std::uint16_t const port, unsigned const connections)
	: m_thread([this, port, connections] { run(port, connections); })
{}

slowloris::~slowloris()
{
	m_stop = true;
	m_thread.join();
}

void slowloris::run(std::uint16_t const port, unsigned const connections)
{
	std::vector<unique_fd> sockets(connections);
	while (!m_stop)
	{
		for (unsigned i = 0; i < connections; ++i)
		{
			auto& socket = sockets[i];
			if (socket && !is_open(socket.get()))
			{
				++m_ended;
				socket = {};
			}
			if (!socket)
			{
				socket = connect_from(slow_network, i, port);
				continue;
			}
			::send(socket.get(), "G", 1, MSG_NOSIGNAL);
		}
		for (int i = 0; i < 10 && !m_stop; ++i)
		{
			std::this_thread::sleep_for(100ms);
		}
	}
}

announce_flood::announce_flood(std::uint16_t const port)
	: m_thread([this, port] { run(port); })
{}

announce_flood::~announce_flood()
{
	m_stop = true;
	m_thread.join();
}

void announce_flood::run(std::uint16_t const port)
{
	constexpr std::string_view request =
		"GET /announce?info_hash=%12%34%56%78%9a%bc%de%f1%23%45%67%89%ab%cd%ef%12%34%56%78%9a&"
		"peer_id=-RS0100-000000000000&port=6881&uploaded=0&downloaded=0&left=0&compact=1 HTTP/1.1\r\n"
		"Host: 127.0.0.1\r\n\r\n";
	std::vector<unique_fd> sockets(flood_connections);
	std::vector<pollfd> ready(flood_connections);
	while (!m_stop)
	{
		for (unsigned i = 0; i < flood_connections; ++i)
		{
			if (!sockets[i])
			{
				sockets[i] = connect_from(flood_network, i, port);
				ready[i] = {sockets[i].get(), POLLOUT, 0};
			}
		}
		::poll(ready.data(), ready.size(), 100);
		for (unsigned i = 0; i < flood_connections; ++i)
		{
			if (ready[i].revents == 0)
			{
				continue;
			}
			std::array<char, 4096> answer{};
			auto const is_answer = ready[i].events == POLLIN;
			if (is_answer && ::recv(sockets[i].get(), answer.data(), answer.size(), 0) <= 0)
			{
				sockets[i] = {};
				continue;
			}
			m_answered += is_answer ? 1 : 0;
			::send(sockets[i].get(), request.data(), request.size(), MSG_NOSIGNAL);
			ready[i].events = POLLIN;
		}
	}
}

} // namespace rawswarm::bench
