// SPDX-License-Identifier: BSD-3-Clause
// swarm [N...] [options]: the time until the last client of a room of N has the image, as a multiple of the
// ideal, the image's size divided by the rate of one link: the seeder sends each bit once, and every client
// receives at full rate. Headers alone make that 1.05.
//
// The seeder and every client is a process in its own network namespace, on one bridge, with token buckets
// both ways. All clients start together and know only the seeder's address. Image and targets are in memory,
// so N + 1 images have to fit into it. Each target is compared with the image byte for byte.
//
// The image has 2048 pieces, as one of 8 GiB that `rawswarm create` divides into pieces of 4 MiB: no client
// can pass on a piece before it is whole, so a small image in large pieces would take longer for that reason
// alone.
//
// The rate is chosen so that two processors are not the limit; the table shows how busy the machine was, and
// a row with much more than `own` was disturbed. CPU and memory are those of whole processes.
//
// Needs root. Everything is made in namespaces of its own, and removed with the bench, however it ends.
#include "tests/bench/swarm/measurement.hpp"
#include "tests/bench/swarm/other_contenders.hpp"
#include "tests/bench/swarm/rawswarm_contender.hpp"
#include "tests/bench/swarm/slow_member.hpp"
#include "tests/bench/swarm/timeline.hpp"
#include "tests/support/base/isolation.hpp"
#include "tests/support/base/temp_dir.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <unistd.h>

namespace rawswarm::bench
{

namespace
{

constexpr double mebibyte = 1024.0 * 1024;

// The rate of all clients together: it takes half the time of two processors, sending included.
constexpr int room_mbit = 700;
constexpr int fastest_link_mbit = 100;
constexpr int slowest_link_mbit = 5;

constexpr int max_clients = 200; // all addresses are in one /24

struct options
{
	std::vector<int> clients{1, 3, 7, 15, 31};
	int mib = 256;
	int mbit = 0; // 0: as the number of clients allows
	int rounds = 1;
	int piece_size = 128 * 1024; // bytes
	std::string memory = "32M"; // budget of a client
	std::string logs; // folder; empty: none
	bool with_others = false;
	bool slow_client = false;
	bool slow_disk = false;
};

struct entry
{
	char const* name;
	std::function<std::unique_ptr<contender>(task const&)> make;
};

int rate_for(options const& o, int const clients)
{
	int const rounded = room_mbit / clients / 5 * 5;
	return o.mbit > 0 ? o.mbit : std::clamp(rounded, slowest_link_mbit, fastest_link_mbit);
}

void print_head()
{
	fmt::print(
		"{:>7} {:9} {:>6} {:>7} {:>8} {:>8} {:>6} {:>6} {:>6} {:>7} {:>7} {:>7} {:>7} {:>7} {:>6} {:>6}\n",
		"clients", "program", "Mbit/s", "ideal s", "first s", "last s", "ideals", "sent", "wire", "seed",
		"client", "most", "MiB", "most", "busy %", "own %");
}

void print(int const clients, char const* const name, int const mbit, double const ideal,
	measurement const& m, image_files const& image)
{
	double cpu = 0;
	double cpu_most = 0;
	double memory_most = 0;
	for (auto it = m.hosts.begin() + 1; it != m.hosts.end(); ++it)
	{
		cpu += it->cpu_seconds;
		cpu_most = std::max(cpu_most, it->cpu_seconds);
		memory_most = std::max(memory_most, double(it->peak_memory) / mebibyte);
	}
	auto const& seeder = m.hosts.front();
	double const processors = std::max(1U, std::thread::hardware_concurrency());
	auto const sent = m.sent ? fmt::format("{:.2f}", double(*m.sent) / double(image.bytes)) : "-";
	fmt::print(
		"{:>7} {:9} {:>6} {:>7.2f} {:>8.2f} {:>8.2f} {:>6.2f} {:>6} {:>6.2f} {:>7.2f} {:>7.2f} {:>7.2f} "
		"{:>7.1f} {:>7.1f} {:>6.0f} {:>6.0f}{}\n",
		clients, name, mbit, ideal, m.first(), m.last(), m.last() / ideal, sent,
		double(m.wire) / double(image.bytes), seeder.cpu_seconds, cpu / clients, cpu_most,
		double(seeder.peak_memory) / mebibyte, memory_most, 100 * m.busy,
		100 * (cpu + seeder.cpu_seconds) / m.last() / processors, m.is_right() ? "" : "  WRONG CONTENT");
	std::fflush(stdout);
}

// Prints a row per round, and what the slowest client of the median round waited for.
bool run_room(options const& o, entry const& e, int const clients, image_files const& image)
{
	int const mbit = rate_for(o, clients);
	double const ideal = double(image.bytes) * 8 / (mbit * 1e6);
	std::vector<measurement> rounds;
	bool right = true;
	for (int i = 0; i < o.rounds; ++i)
	{
		room const hosts(static_cast<std::size_t>(clients) + 1, mbit);
		test::temp_dir const folder;
		task const t{hosts, image, folder.path().string(), o.memory, o.logs};
		auto const program = e.make(t);
		if (!program)
		{
			fmt::print("{} is not installed (toolchain/packages/bench.txt)\n", e.name);
			return true;
		}
		// a chain of machines, each of which starts once the one before it is done, plus a minute
		auto const limit = std::chrono::seconds(static_cast<int>(ideal * (clients + 2)) + 60);
		rounds.push_back(measure(*program, t, limit));
		print(clients, e.name, mbit, ideal, rounds.back(), image);
		right = right && rounds.back().is_right();
	}
	std::ranges::sort(rounds, {}, &measurement::last);
	fmt::print("{}", timeline_of(rounds[rounds.size() / 2], image, mbit));
	return right;
}

bool run_slow(options const& o, image_files const& image)
{
	bool right = true;
	for (int const clients : o.clients)
	{
		slow_member_run run{.clients = clients,
			.mbit = rate_for(o, clients),
			.rounds = o.rounds,
			.memory = o.memory,
			.logs = o.logs};
		for (auto const part : {slow_part::link, slow_part::disk})
		{
			run.part = part;
			if (part == slow_part::link ? o.slow_client : o.slow_disk)
			{
				right = compare_with_slow_member(run, image, make_rawswarm) && right;
			}
		}
	}
	return right;
}

int run_all(options const& o)
{
	test::temp_dir const folder;
	auto const image = test::make_image(folder.path().string(), o.mib, o.piece_size);
	if (o.slow_client || o.slow_disk)
	{
		return run_slow(o, image) ? 0 : 1;
	}
	std::vector<entry> entries{{"rawswarm", make_rawswarm}};
	if (o.with_others)
	{
		entries.push_back({"aria2", make_aria2});
		entries.push_back({"udpcast", make_udpcast});
	}
	fmt::print(
		"image {} MiB, pieces {} KiB, a client's budget {}, {} processors\n"
		"first, last: seconds until the first and the last client had all. ideals: the last, in ideal "
		"times.\nsent, wire: what the seeder sent, in images, without and with protocol. CPU seconds of "
		"the seeder,\na client, the client that took most; peak MiB of the seeder, and of the client that "
		"took most.\nbusy: the machine's processors until the last was done; own: the share that the "
		"programs took.\n\n",
		o.mib, o.piece_size / 1024, o.memory, std::thread::hardware_concurrency());
	print_head();
	bool right = true;
	for (int const clients : o.clients)
	{
		for (auto const& e : entries)
		{
			right = run_room(o, e, clients, image) && right;
		}
	}
	return right ? 0 : 1;
}

int run(int const argc, char const* const* const argv)
{
	options o;
	CLI::App app("How long a room takes");
	app.add_option("clients", o.clients, "Rooms of so many clients")->check(CLI::Range(1, max_clients));
	app.add_option("--mib", o.mib, "The image's size")->check(CLI::Range(1, 65536));
	app.add_option("--mbit", o.mbit, "Every link's rate; 0: as the number of clients allows")
		->check(CLI::Range(0, 10000));
	app.add_option("--rounds", o.rounds, "So often each")->check(CLI::Range(1, 100));
	app.add_option("--piece-size", o.piece_size, "Bytes");
	app.add_option("--memory", o.memory, "A client's budget");
	app.add_option("--logs", o.logs, "A folder for the agents' logs")->check(CLI::ExistingDirectory);
	app.add_flag("--slow-client", o.slow_client, "What a client with a tenth of the rate costs the others");
	app.add_flag("--slow-disk", o.slow_disk, "What a client with a slow disk costs the others");
	app.add_flag("--with-others", o.with_others, "aria2 and udpcast as well");
	try
	{
		app.parse(argc, argv);
	}
	catch (CLI::ParseError const& e)
	{
		return app.exit(e);
	}
	if (::geteuid() != 0)
	{
		std::fprintf(stderr, "swarm: needs root, for network namespaces\n");
		return 2;
	}
	return test::run_isolated([&o] { return run_all(o); });
}

} // namespace

} // namespace rawswarm::bench

int main(int const argc, char const* const* const argv)
{
	try
	{
		return rawswarm::bench::run(argc, argv);
	}
	catch (std::exception const& e)
	{
		std::fprintf(stderr, "swarm: %s\n", e.what());
		return 1;
	}
}
