// SPDX-License-Identifier: BSD-3-Clause
// watch [SECONDS]: what `rawswarm watch` takes of a processor and of memory, on a terminal of 80x24, while a
// room of simulated agents sends a beacon a second each by UDP over loopback: 500 agents, 2,000, 2,000 with a
// recording, 2,000 with the room's page open eight times, and a flood of invented agents, as many as the
// sender can, with and without a key that they do not know.
//
// Exits with 1 if a row takes a tenth of a core or more, or 64 MiB of resident memory.
#include "agent/beacon/beacon_format.hpp"
#include "tests/bench/watch/open_pages.hpp"
#include "tests/support/base/temp_dir.hpp"
#include "tests/support/network/beacon_sample.hpp"
#include "tests/support/network/free_port.hpp"
#include "tests/support/network/listeners.hpp"
#include "tests/support/program/rawswarm_program.hpp"
#include "tests/support/program/terminal_program.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>
#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <fstream>
#include <iterator>
#include <optional>
#include <random>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <unistd.h>

namespace rawswarm::bench
{

namespace
{

using namespace std::chrono_literals;
using boost::asio::ip::udp;
using clock = std::chrono::steady_clock;

constexpr double most_of_a_core = 0.10;
constexpr std::int64_t most_memory_kib = 65'536;
constexpr std::size_t digits = 16; // of what a flood makes up

struct measured_room
{
	char const* name;
	int agents;
	bool flood = false;
	bool key = false;
	bool record = false;
	unsigned pages = 0; // of the room, that are open
};

std::string content_of(std::string const& path)
{
	std::ifstream in(path);
	return {std::istreambuf_iterator<char>(in), {}};
}

// Of the whole process, in seconds.
double processor_time(pid_t const pid)
{
	auto const stat = content_of(fmt::format("/proc/{}/stat", pid));
	std::istringstream fields(stat.substr(stat.rfind(')') + 2));
	std::vector<std::string> const values{std::istream_iterator<std::string>(fields), {}};
	constexpr std::size_t utime = 11; // behind the name: state is 0
	return double(std::stoll(values.at(utime)) + std::stoll(values.at(utime + 1)))
		/ double(::sysconf(_SC_CLK_TCK));
}

std::int64_t status_kib(pid_t const pid, std::string const& key)
{
	auto const status = content_of(fmt::format("/proc/{}/status", pid));
	auto const found = status.find(key + ":");
	return found == std::string::npos ? 0 : std::stoll(status.substr(found + key.size() + 1));
}

class simulated_room
{
public:
	simulated_room(std::uint16_t port, measured_room const& room)
		: m_to(boost::asio::ip::address_v4::loopback(), port)
		, m_room(room)
		, m_agents(&simulated_room::send_beacons, this)
	{
		if (room.flood)
		{
			m_flood = std::thread(&simulated_room::send_flood, this);
		}
	}

	~simulated_room()
	{
		m_stop = true;
		m_agents.join();
		if (m_flood.joinable())
		{
			m_flood.join();
		}
	}

	simulated_room(simulated_room const&) = delete;
	simulated_room& operator=(simulated_room const&) = delete;

	std::uint64_t flooded() const { return m_flooded; }

private:
	void send(udp::socket& socket, std::string const& datagram)
	{
		boost::system::error_code ignored;
		socket.send_to(boost::asio::buffer(datagram), m_to, 0, ignored);
	}

	// Each agent at its own time in the second.
	void send_beacons()
	{
		boost::asio::io_context ios;
		udp::socket socket(ios, udp::v4());
		auto const began = clock::now();
		auto id = test::an_identity();
		auto p = test::some_progress();
		for (std::uint64_t seq = 1; !m_stop; ++seq)
		{
			for (int i = 0; i < m_room.agents && !m_stop; ++i)
			{
				id.agent = fmt::format("52:54:00:00:{:02x}:{:02x}", i / 256, i % 256);
				id.host = fmt::format("pc-{}", i);
				id.run = fmt::format("{:032x}", i);
				p.targets[0].done = std::int64_t(seq) * 112'000'000 + i;
				send(socket, encode_beacon(id, seq, p));
				std::this_thread::sleep_until(began + 1s * (seq - 1) + 1'000'000us * (i + 1) / m_room.agents);
			}
		}
	}

	void send_flood()
	{
		boost::asio::io_context ios;
		udp::socket socket(ios, udp::v4());
		std::mt19937_64 random{7700};
		// The encoder is slower than a flood: what is made up is patched into a datagram, and each takes much
		// memory.
		auto id = test::an_identity();
		id.host = id.agent = id.run = std::string(digits, '0');
		auto p = test::some_progress();
		p.targets.assign(8, test::a_target());
		auto datagram = encode_beacon(id, 1, p);
		std::vector<std::size_t> places;
		for (auto at = datagram.find(id.run); at != std::string::npos;
			 at = datagram.find(id.run, at + digits))
		{
			places.push_back(at);
		}
		while (!m_stop)
		{
			auto const made_up = fmt::format("{:0{}x}", random(), digits);
			for (auto const at : places)
			{
				datagram.replace(at, digits, made_up);
			}
			send(socket, datagram);
			++m_flooded;
		}
	}

	udp::endpoint m_to;
	measured_room m_room;
	std::atomic<bool> m_stop{false};
	std::atomic<std::uint64_t> m_flooded{0};
	std::thread m_agents;
	std::thread m_flood;
};

bool measure(measured_room const& room, std::chrono::seconds const time)
{
	test::temp_dir const dir;
	auto const port = test::free_port();
	auto command = test::rawswarm_command({"watch", "--listen", test::loopback(port)}).argv;
	if (room.key)
	{
		std::ofstream(dir / "key") << "secret\n";
		command.insert(command.end(), {"--key-file", dir / "key"});
	}
	if (room.record)
	{
		command.insert(command.end(), {"--record", dir / "room"});
	}
	auto const http = test::free_port();
	if (room.pages > 0)
	{
		command.insert(command.end(), {"--http", test::loopback(http)});
	}
	test::terminal_program watch({.argv = command});
	if (!test::wait_for_udp_listener(port, 10s) || (room.pages > 0 && !test::wait_for_listener(http, 10s)))
	{
		throw std::runtime_error("watch does not listen");
	}
	simulated_room const senders(port, room);
	std::optional<open_pages> pages;
	if (room.pages > 0)
	{
		pages.emplace(http, room.pages);
	}
	auto const never = [](test::screen_model const&) { return false; };
	watch.wait_until(never, 3s); // until all have been heard
	auto const began = clock::now();
	auto const before = processor_time(watch.pid());
	auto const flooded = senders.flooded();
	watch.wait_until(never, time);
	auto const seconds = std::chrono::duration<double>(clock::now() - began).count();
	auto const share = (processor_time(watch.pid()) - before) / seconds;
	auto const memory = status_kib(watch.pid(), "VmHWM");
	bool const passed = memory > 0 && share < most_of_a_core && memory < most_memory_kib;
	fmt::print("{} {:<28} {:>6} {:>12.0f} {:>10.1f}% {:>10.1f}\n", passed ? "PASS" : "FAIL", room.name,
		room.agents, double(senders.flooded() - flooded) / seconds, 100 * share, double(memory) / 1024);
	fmt::print("     {}\n", watch.screen().lines().at(0));
	fmt::print("     {}\n", watch.screen().lines().at(1));
	if (pages)
	{
		fmt::print("     {} pages open, {:.1f} MB of events\n", room.pages, double(pages->bytes()) / 1e6);
	}
	std::fflush(stdout);
	return passed;
}

int run_all(std::chrono::seconds const time)
{
	fmt::print("     {:<28} {:>6} {:>12} {:>11} {:>10}\n", "room", "agents", "flood/s", "of a core", "MiB");
	bool passed = true;
	for (auto const& room : {measured_room{"500 agents", 500}, measured_room{"2,000 agents", 2000},
			 measured_room{.name = "2,000 agents, recorded", .agents = 2000, .record = true},
			 measured_room{.name = "2,000 agents, 8 pages open", .agents = 2000, .pages = 8},
			 measured_room{.name = "flood", .agents = 100, .flood = true},
			 measured_room{.name = "flood that is not signed", .agents = 100, .flood = true, .key = true}})
	{
		passed = measure(room, time) && passed;
	}
	return passed ? 0 : 1;
}

} // namespace

} // namespace rawswarm::bench

int main(int argc, char** argv)
{
	try
	{
		return rawswarm::bench::run_all(std::chrono::seconds(argc > 1 ? std::stoi(argv[1]) : 20));
	}
	catch (std::exception const& e)
	{
		std::fprintf(stderr, "watch: %s\n", e.what());
		return 1;
	}
}
