// SPDX-License-Identifier: BSD-3-Clause
// serve [MACHINES]: what the server of a room takes of a processor and of memory while 500 machines boot at
// once over loopback: each fetches a kernel of 8 MB and an initramfs of 17 MB and posts a report. Then the
// same with 500 connections that send a byte a second (a slowloris), and with a flood of announces as well.
//
// Exits with 1 if a machine is not served, a request of one is refused, or the server takes 64 MiB of
// resident memory.
#include "tests/bench/serve/boot_server.hpp"
#include "tests/bench/serve/fake_room.hpp"
#include "tests/bench/serve/hostile_clients.hpp"
#include "tests/support/base/temp_dir.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <optional>
#include <string>

#include <sys/resource.h>

namespace rawswarm::bench
{

namespace
{

using namespace std::chrono_literals;

constexpr std::size_t kernel_bytes = 8'000'000;
constexpr std::size_t initramfs_bytes = 17'000'000;
constexpr std::int64_t most_memory_kib = 65'536;
constexpr unsigned slow_connections = 500;
constexpr auto time_limit = 300s;

struct measured_load
{
	char const* name;
	bool slow = false;
	bool flood = false;
};

double seconds(timeval const& t)
{
	return double(t.tv_sec) + double(t.tv_usec) / 1e6;
}

// A connection takes a descriptor here, and all of them at once are more than a shell gives.
void allow_all_descriptors()
{
	rlimit limit{};
	if (::getrlimit(RLIMIT_NOFILE, &limit) == 0)
	{
		limit.rlim_cur = limit.rlim_max;
		::setrlimit(RLIMIT_NOFILE, &limit);
	}
}

bool measure(measured_load const& load, std::string const& folder, unsigned const machines)
{
	boot_server server(folder);
	std::optional<slowloris> slow;
	std::optional<announce_flood> flood;
	if (load.slow)
	{
		slow.emplace(server.port(), slow_connections);
	}
	if (load.flood)
	{
		flood.emplace(server.port());
	}
	auto const room = run_room(server.port(), machines, {"/boot/vmlinuz", "/boot/initramfs"}, time_limit);
	auto const announces = flood ? flood->answered() : 0;
	auto const ended = slow ? slow->ended() : 0;
	auto const used = server.end();
	auto const cpu = seconds(used.ru_utime) + seconds(used.ru_stime);
	bool const passed =
		room.times.size() == machines && room.refused == 0 && used.ru_maxrss < most_memory_kib;
	auto const slowest = room.times.empty() ? 0 : room.times.back().count();
	auto const median = room.times.empty() ? 0 : room.times[room.times.size() / 2].count();
	fmt::print("{} {:<26} {:>4} {:>9.1f} {:>9.1f} {:>9.2f} {:>9.2f} {:>9.1f} {:>8} {:>11.0f} {:>6}\n",
		passed ? "PASS" : "FAIL", load.name, room.times.size(), median, slowest, cpu,
		double(room.bytes) / 1e9, double(used.ru_maxrss) / 1024, room.refused,
		slowest > 0 ? double(announces) / slowest : 0, ended);
	std::fflush(stdout);
	return passed;
}

int run_all(unsigned const machines)
{
	allow_all_descriptors();
	test::temp_dir const dir;
	test::write_file(dir / "vmlinuz", std::string(kernel_bytes, 'k'));
	test::write_file(dir / "initramfs", std::string(initramfs_bytes, 'i'));
	fmt::print("     {:<26} {:>4} {:>9} {:>9} {:>9} {:>9} {:>9} {:>8} {:>11} {:>6}\n", "room", "done",
		"median s", "slowest s", "CPU s", "GB", "MiB", "refused", "announces/s", "slow");
	bool passed = true;
	for (auto const& load : {measured_load{"alone"}, measured_load{.name = "slowloris", .slow = true},
			 measured_load{.name = "slowloris and announces", .slow = true, .flood = true}})
	{
		passed = measure(load, dir.path().string(), machines) && passed;
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
