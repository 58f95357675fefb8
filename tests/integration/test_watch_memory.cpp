// SPDX-License-Identifier: BSD-3-Clause
// What a stranger who invents agents can make a watcher keep. docs/reliability.md has the bounds.
#include "tests/support/network/free_port.hpp"
#include "tests/support/network/listeners.hpp"
#include "tests/support/program/rawswarm_program.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <fstream>
#include <string>
#include <thread>

namespace rawswarm::test
{

namespace
{

using namespace std::chrono_literals;
using boost::asio::ip::tcp;
using boost::asio::ip::udp;

// As long as a beacon may be, with as many targets as are read, and an error.
std::string invented(int const agent)
{
	std::string targets;
	for (int i = 0; i < 16; ++i)
	{
		targets += fmt::format(R"({}{{"error":"{:x<20}"}})", i == 0 ? "" : ",", "");
	}
	auto const head = fmt::format(
		R"({{"rawswarm":1,"agent":"{0:064}","host":"{0:0100}","job":"{0:0100}","run":"{0:064}","boot":"0123456789abcdef",)"
		R"("seq":1,"state":"downloading","targets":[{1}],"error":{{"code":5,"text":")",
		agent, targets);
	return head + std::string(1397 - head.size(), 'e') + "\"}}";
}

// Bytes of the answer.
std::size_t get(std::uint16_t const port, std::string const& path)
{
	boost::asio::io_context ios;
	tcp::socket socket(ios);
	socket.connect({boost::asio::ip::address_v4::loopback(), port});
	auto const request =
		fmt::format("GET {} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", path, loopback(port));
	boost::asio::write(socket, boost::asio::buffer(request));
	std::string answer;
	boost::system::error_code end;
	boost::asio::read(socket, boost::asio::dynamic_buffer(answer), end);
	return answer.size();
}

// MiB.
std::size_t peak_memory(pid_t const process)
{
	std::ifstream status(fmt::format("/proc/{}/status", process));
	for (std::string line; std::getline(status, line);)
	{
		if (line.starts_with("VmHWM:"))
		{
			return std::stoul(line.substr(6)) / 1024;
		}
	}
	return 0;
}

} // namespace

TEST(watch_memory, ten_thousand_invented_agents_and_a_page_of_them_take_no_more_than_the_bound)
{
	constexpr int agents = 10'200;
	auto const beacons = free_port();
	auto const page = free_port();
	child_process watcher(rawswarm_command({"watch", "--plain", "--listen", loopback(beacons), "--group",
		"239.255.77.1", "--http", loopback(page)}));
	ASSERT_TRUE(wait_for_udp_listener(beacons, 10s)) << watcher.err();
	boost::asio::io_context ios;
	udp::socket socket(ios, udp::v4());
	// What comes faster than it reads is dropped: sent until it has as many as it takes.
	for (int round = 0; round < 5 && watcher.err().find("more than 10000 agents") == std::string::npos;
		 ++round)
	{
		for (int agent = 0; agent < agents; ++agent)
		{
			socket.send_to(
				boost::asio::buffer(invented(agent)), {boost::asio::ip::address_v4::loopback(), beacons});
			if (agent % 32 == 0)
			{
				std::this_thread::sleep_for(24ms); // 1.8 MB a second
			}
		}
	}
	ASSERT_TRUE(watcher.wait_for_text("more than 10000 agents", 10s)) << watcher.err();
	ASSERT_GT(peak_memory(watcher.pid()), 0U);
	EXPECT_LE(peak_memory(watcher.pid()), 64U); // measured: 41
	for (int i = 0; i < 3; ++i)
	{
		EXPECT_GT(get(page, "/api/room"), 4'000'000U);
		EXPECT_GT(get(page, "/metrics"), 4'000'000U);
	}
	EXPECT_LE(peak_memory(watcher.pid()), 128U);
	EXPECT_TRUE(watcher.running()); // or there was no memory to look at
}

} // namespace rawswarm::test
