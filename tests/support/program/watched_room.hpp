// SPDX-License-Identifier: BSD-3-Clause
// `rawswarm watch` on a terminal, and hosts whose beacons it gets by UDP from the test.
#pragma once

#include "agent/beacon/beacon_format.hpp"
#include "tests/support/network/free_port.hpp"
#include "tests/support/network/listeners.hpp"
#include "tests/support/program/rawswarm_program.hpp"
#include "tests/support/program/terminal_program.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>
#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace rawswarm::test
{

struct host
{
	std::string name;
	job_state state = job_state::downloading;
	std::uint64_t seq = 1;
	std::int64_t done = 0;
	std::string error{};
};

inline std::string beacon_of(host const& h)
{
	progress p;
	p.state = h.state;
	target_progress t;
	t.device = "/dev/sda";
	t.state = h.state;
	t.total = 1000;
	t.done = h.done;
	t.down = 1024;
	t.peers = 3;
	p.targets = {t};
	if (!h.error.empty())
	{
		p.error = progress_error{5, h.error};
	}
	return encode_beacon({"lab", "id-" + h.name, h.name, "run-of-" + h.name, "boot", 1}, h.seq, p);
}

class sender
{
public:
	explicit sender(std::uint16_t port)
		: m_to(boost::asio::ip::address_v4::loopback(), port)
	{}

	void send(std::vector<host> const& hosts)
	{
		for (auto const& h : hosts)
		{
			m_socket.send_to(boost::asio::buffer(beacon_of(h)), m_to);
		}
	}

private:
	boost::asio::io_context m_ios;
	boost::asio::ip::udp::socket m_socket{m_ios, boost::asio::ip::udp::v4()};
	boost::asio::ip::udp::endpoint m_to;
};

// A watcher on a terminal, and who sends to it.
struct watched
{
	explicit watched(std::vector<std::string> const& more = {}, terminal_options options = {})
		: port(free_port())
		, program([&] {
			auto const command = rawswarm_command({"watch", "--listen", loopback(port)});
			options.argv = command.argv;
			options.argv.insert(options.argv.end(), more.begin(), more.end());
			return options;
		}())
		, room(port)
	{
		EXPECT_TRUE(wait_for_udp_listener(port, std::chrono::seconds(10)));
	}

	std::uint16_t port;
	terminal_program program;
	sender room;
};

inline std::vector<host> hosts(std::size_t n)
{
	std::vector<host> list;
	for (std::size_t i = 1; i <= n; ++i)
	{
		list.push_back({"pc-" + std::to_string(i)});
	}
	return list;
}

inline std::string line_of(screen_model const& screen, std::string const& begin)
{
	for (auto const& line : screen.lines())
	{
		if (line.starts_with(begin))
		{
			return line;
		}
	}
	return {};
}

// It is as the shell had it.
inline void expect_restored(terminal_program const& program)
{
	auto const& before = program.modes_before();
	EXPECT_FALSE(program.screen().is_second_screen());
	EXPECT_TRUE(program.screen().has_cursor());
	EXPECT_TRUE(program.screen().wraps());
	EXPECT_EQ(program.screen().unknown(), 0U);
	auto const after = program.modes();
	EXPECT_EQ(after.c_lflag, before.c_lflag);
	EXPECT_EQ(after.c_cc[VMIN], before.c_cc[VMIN]);
	EXPECT_EQ(after.c_cc[VTIME], before.c_cc[VTIME]);
}

inline void expect_drawn_well(terminal_program const& program)
{
	EXPECT_EQ(program.screen().unknown(), 0U);
	EXPECT_EQ(program.screen().too_wide(), 0U) << program.screen().text();
}

} // namespace rawswarm::test
