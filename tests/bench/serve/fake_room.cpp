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

// More than that is of no interest, but for its length.
constexpr std::uint64_t kept_bytes = 65'536;

enum class step
{
	script,
	kernel,
	initramfs,
	job,
	report,
	done
};

struct machine
{
	unique_fd socket;
	step at = step::script;
	std::string text; // of the answer, unless it is long
	std::string report_path;
	bool has_head = false;
	std::uint64_t left = 0; // bytes of the answer
};

class room
{
public:
	room(std::uint16_t port, unsigned machines)
		: m_port(port)
		, m_machines(machines)
		, m_events(::epoll_create1(EPOLL_CLOEXEC))
	{}

	room_result run(std::chrono::seconds limit);

private:
	void begin(std::uint32_t number);
	void ask(std::uint32_t number);
	void read(std::uint32_t number);
	bool read_text(machine& m);
	bool throw_away(machine& m);
	bool begin_answer(machine& m);
	void finish(std::uint32_t number, bool right);
	std::string request_of(std::uint32_t number) const;

	std::uint16_t m_port;
	std::vector<machine> m_machines;
	unique_fd m_events;
	clock::time_point m_started{};
	room_result m_result;
};

std::string room::request_of(std::uint32_t const number) const
{
	auto const& m = m_machines[number];
	auto const headers = fmt::format(" HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: close\r\n", m_port);
	auto mac = fake_mac(number);
	switch (m.at)
	{
	case step::script: return fmt::format("GET /ipxe?mac={}&serial=&uuid={}\r\n", mac, headers);
	case step::kernel: return fmt::format("GET /boot/vmlinuz{}\r\n", headers);
	case step::initramfs: return fmt::format("GET /boot/initramfs{}\r\n", headers);
	case step::job:
		std::replace(mac.begin(), mac.end(), ':', '-');
		return fmt::format("GET /jobs/{}.json{}\r\n", mac, headers);
	default:
		constexpr std::string_view report = R"({"exit_code": 0})";
		return fmt::format(
			"POST {}{}Content-Length: {}\r\n\r\n{}", m.report_path, headers, report.size(), report);
	}
}

void room::begin(std::uint32_t const number)
{
	auto& m = m_machines[number];
	m.socket = connect_from(network, number, m_port);
	m.text.clear();
	m.has_head = false;
	epoll_event event{};
	event.events = EPOLLOUT;
	event.data.u32 = number;
	::epoll_ctl(m_events.get(), EPOLL_CTL_ADD, m.socket.get(), &event);
}

void room::ask(std::uint32_t const number)
{
	auto& m = m_machines[number];
	auto const request = request_of(number);
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

// False: it is not the answer that was asked for. As of the next two.
bool room::begin_answer(machine& m)
{
	constexpr std::string_view length = "Content-Length: ";
	auto const end = m.text.find("\r\n\r\n");
	if (end == std::string::npos)
	{
		return true;
	}
	auto const at = m.text.find(length);
	if (!m.text.starts_with("HTTP/1.1 200 ") || at == std::string::npos)
	{
		return false;
	}
	m.has_head = true;
	m.left = std::strtoull(m.text.c_str() + at + length.size(), nullptr, 10) - (m.text.size() - end - 4);
	return true;
}

bool room::read_text(machine& m)
{
	std::array<char, 4096> part{};
	auto const n = ::recv(m.socket.get(), part.data(), part.size(), 0);
	if (n <= 0)
	{
		return n < 0 && errno == EAGAIN;
	}
	m.text.append(part.data(), static_cast<std::size_t>(n));
	m_result.bytes += static_cast<std::uint64_t>(n);
	m.left -= m.has_head ? static_cast<std::uint64_t>(n) : 0;
	return m.has_head || begin_answer(m);
}

// In the kernel (tcp(7)): what is measured is the server.
bool room::throw_away(machine& m)
{
	auto const n = ::recv(m.socket.get(), nullptr, std::min<std::uint64_t>(m.left, read_at_once), MSG_TRUNC);
	if (n <= 0)
	{
		return n < 0 && errno == EAGAIN;
	}
	m.left -= static_cast<std::uint64_t>(n);
	m_result.bytes += static_cast<std::uint64_t>(n);
	return true;
}

void room::read(std::uint32_t const number)
{
	auto& m = m_machines[number];
	bool const right = m.has_head && m.left > kept_bytes ? throw_away(m) : read_text(m);
	if (!right || (m.has_head && m.left == 0))
	{
		finish(number, right);
	}
}

void room::finish(std::uint32_t const number, bool right)
{
	auto& m = m_machines[number];
	m.socket = {};
	if (right && m.at == step::job)
	{
		auto const at = m.text.find("/report/");
		right = at != std::string::npos;
		m.report_path = right ? m.text.substr(at, m.text.find('"', at) - at) : std::string();
	}
	if (right && m.at == step::script)
	{
		right = m.text.find("/boot/vmlinuz") != std::string::npos;
	}
	m_result.refused += right ? 0 : 1;
	m.at = right ? step(int(m.at) + 1) : m.at;
	if (m.at != step::done)
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

std::string fake_mac(unsigned const number)
{
	return fmt::format("52:54:00:01:{:02x}:{:02x}", number / 256, number % 256);
}

room_result run_room(std::uint16_t const port, unsigned const machines, std::chrono::seconds const limit)
{
	return room(port, machines).run(limit);
}

} // namespace rawswarm::bench
