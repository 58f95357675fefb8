// SPDX-License-Identifier: BSD-3-Clause
// serve [MACHINES]: what `rawswarm serve` takes of a processor and of memory while 500 machines boot at once
// over loopback: each fetches its script, a kernel of 8 MB, an initramfs of 17 MB and its job, and posts its
// report. Then the same with 500 connections that send a byte a second (a slowloris), and with a flood of
// announces as well.
//
// Exits with 1 if a machine is not served or does not count as done, a request of one is refused, or the
// server takes 128 MiB of resident memory.
#include "agent/net/url.hpp"
#include "base/descriptor_limit.hpp"
#include "tests/bench/serve/fake_room.hpp"
#include "tests/bench/serve/hostile_clients.hpp"
#include "tests/support/base/temp_dir.hpp"
#include "tests/support/base/value_of.hpp"
#include "tests/support/program/served_room.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <exception>
#include <memory>
#include <optional>
#include <string>

#include <sys/resource.h>

namespace rawswarm::bench
{

namespace
{

using namespace std::chrono_literals;
using test::value_of;

constexpr std::size_t kernel_bytes = 8'000'000;
constexpr std::size_t initramfs_bytes = 17'000'000;
constexpr std::int64_t most_memory_kib = 131'072;
constexpr unsigned slow_connections = 500;
constexpr auto time_limit = 300s;

struct measured_load
{
	char const* name = nullptr;
	bool slow = false;
	bool flood = false;
};

double seconds(timeval const& t)
{
	return double(t.tv_sec) + double(t.tv_usec) / 1e6;
}

// A room of so many machines.
std::unique_ptr<test::served_room> make_room(unsigned const machines)
{
	auto room = std::make_unique<test::served_room>();
	test::write_file(*room / "boot/vmlinuz", std::string(kernel_bytes, 'k'));
	test::write_file(*room / "boot/initramfs", std::string(initramfs_bytes, 'i'));
	room->description["machines"] = nlohmann::json::object();
	for (unsigned i = 0; i < machines; ++i)
	{
		room->description["machines"][fmt::format("pc-{}", i)] = {{"mac", fake_mac(i)}};
	}
	room->write();
	room->start();
	return room;
}

// Machines that the server gave their image to.
std::size_t count_done(test::served_room const& room)
{
	auto const list = room.list();
	auto const& machines = list.at("machines");
	return static_cast<std::size_t>(std::count_if(machines.begin(), machines.end(),
		[](nlohmann::json const& machine) { return machine.value("given", "") == "disk"; }));
}

bool measure(measured_load const& load, unsigned const machines)
{
	auto const server = make_room(machines);
	auto const port = value_of(parse_url(server->url("/"))).port;
	std::optional<slowloris> slow;
	std::optional<announce_flood> flood;
	if (load.slow)
	{
		slow.emplace(port, slow_connections);
	}
	if (load.flood)
	{
		flood.emplace(port);
	}
	auto const room = run_room(port, machines, time_limit);
	auto const announces = flood ? flood->answered() : 0;
	auto const ended = slow ? slow->ended() : 0;
	auto const done = count_done(*server);
	server->process().signal(SIGTERM);
	server->process().wait(20s);
	auto const& used = server->process().used();
	// NOLINTNEXTLINE(cppcoreguidelines-pro-type-union-access): glibc has two names for one long
	auto const peak_kib = std::int64_t(used.ru_maxrss);
	bool const passed = done == machines && room.refused == 0 && peak_kib < most_memory_kib;
	auto const slowest = room.times.empty() ? 0 : room.times.back().count();
	auto const median = room.times.empty() ? 0 : room.times[room.times.size() / 2].count();
	fmt::print("{} {:<26} {:>4} {:>9.1f} {:>9.1f} {:>9.2f} {:>9.2f} {:>9.1f} {:>8} {:>11.0f} {:>6}\n",
		passed ? "PASS" : "FAIL", load.name, done, median, slowest,
		seconds(used.ru_utime) + seconds(used.ru_stime), double(room.bytes) / 1e9, double(peak_kib) / 1024,
		room.refused, slowest > 0 ? double(announces) / slowest : 0, ended);
	std::fflush(stdout);
	return passed;
}

int run_all(unsigned const machines)
{
	raise_descriptor_limit(); // the machines' connections, too, are this process's
	fmt::print("     {:<26} {:>4} {:>9} {:>9} {:>9} {:>9} {:>9} {:>8} {:>11} {:>6}\n", "room", "done",
		"median s", "slowest s", "CPU s", "GB", "MiB", "refused", "announces/s", "slow");
	bool passed = true;
	for (auto const& load : {measured_load{"alone"}, measured_load{.name = "slowloris", .slow = true},
			 measured_load{.name = "slowloris and announces", .slow = true, .flood = true}})
	{
		passed = measure(load, machines) && passed;
	}
	return passed ? 0 : 1;
}

} // namespace

} // namespace rawswarm::bench

int main(int argc, char** argv)
{
	try
	{
		return rawswarm::bench::run_all(argc > 1 ? static_cast<unsigned>(std::stoul(argv[1])) : 500);
	}
	catch (std::exception const& e)
	{
		std::fprintf(stderr, "serve: %s\n", e.what());
		return 1;
	}
}
