// SPDX-License-Identifier: BSD-3-Clause
// swarm [N...] [options]: the time until the last client of a room of N has the image, as a multiple of the
// ideal, the image's size divided by the rate of one link: the seeder sends each bit once, and every client
// receives at full rate. Headers alone make that 1.05.
//
// The seeder and every client is a process in its own network namespace, on one bridge, with token buckets
// both ways. All clients start together and know only the seeder's address. Image and targets are in memory,
// so N + 2 images have to fit into it. Each target is compared with the image byte for byte.
//
// The image is of random bytes, or a file system with files of Debian packages, of which blocks of zeros are
// left out. Other programs get what is left as one file. The same time is also given as a multiple of what
// the link needs for the image's blocks if each is compressed: the ideal of a room that sends them so.
//
// The image has 2048 pieces, as one of 8 GiB that `rawswarm create` divides into pieces of 4 MiB: no client
// can pass on a piece before it is whole, so a small image in large pieces would take longer for that reason
// alone.
//
// The rate is chosen so that two processors are not the limit; the table shows how busy the machine was, and
// a row with much more than `own` was disturbed. CPU and memory are those of whole processes.
//
// Needs root. Everything is made in namespaces of its own, and removed with the bench, however it ends.
#include "tests/bench/swarm/aria2_contender.hpp"
#include "tests/bench/swarm/hostile_room.hpp"
#include "tests/bench/swarm/measurement.hpp"
#include "tests/bench/swarm/mixed_contender.hpp"
#include "tests/bench/swarm/rawswarm_contender.hpp"
#include "tests/bench/swarm/real_content.hpp"
#include "tests/bench/swarm/room_table.hpp"
#include "tests/bench/swarm/slow_member.hpp"
#include "tests/bench/swarm/timeline.hpp"
#include "tests/bench/swarm/udpcast_contender.hpp"
#include "tests/support/base/isolation.hpp"
#include "tests/support/base/temp_dir.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <filesystem>
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
	std::string content = "random";
	std::string source = "raw";
	std::string compress; // as of task
	bool mixed = false;
	bool with_others = false;
	bool slow_client = false;
	bool slow_disk = false;
	std::string hostile; // a kind, or all; empty: no such run
};

struct entry
{
	char const* name;
	std::function<std::unique_ptr<contender>(task const&)> make;
	int least_clients = 1;
	bool clients_differ = false;
};

int rate_for(options const& o, int const clients)
{
	int const rounded = room_mbit / clients / 5 * 5;
	return o.mbit > 0 ? o.mbit : std::clamp(rounded, slowest_link_mbit, fastest_link_mbit);
}

// Prints a row per round, and what the slowest client of the median round waited for.
bool run_room(options const& o, entry const& e, int const clients, room_content const& content)
{
	if (clients < e.least_clients)
	{
		fmt::print("{:>7} {}: needs {} clients\n", clients, e.name, e.least_clients);
		return true;
	}
	int const mbit = rate_for(o, clients);
	double const ideal = seconds_for(content.bytes, mbit);
	std::vector<measurement> rounds;
	bool right = true;
	for (int i = 0; i < o.rounds; ++i)
	{
		room const hosts(static_cast<std::size_t>(clients) + 1, mbit);
		test::temp_dir const folder;
		task const t{hosts, content, folder.path().string(), o.memory, o.logs, o.compress, 0};
		auto const program = e.make(t);
		if (!program)
		{
			fmt::print("{} is not installed (toolchain/packages/bench.txt)\n", e.name);
			return true;
		}
		// a chain of machines, each of which starts once the one before it is done, plus a minute
		auto const limit = std::chrono::seconds(static_cast<int>(ideal * (clients + 2)) + 60);
		rounds.push_back(measure(*program, t, limit));
		print_row({clients, e.name, mbit}, rounds.back(), content);
		if (e.clients_differ)
		{
			print_each_client(rounds.back());
		}
		right = right && rounds.back().is_right();
	}
	std::ranges::sort(rounds, {}, &measurement::last);
	fmt::print("{}", timeline_of(rounds[rounds.size() / 2], content, mbit));
	return right;
}

bool run_slow(options const& o, room_content const& content)
{
	bool right = true;
	for (int const clients : o.clients)
	{
		slow_member_run run{.clients = clients,
			.mbit = rate_for(o, clients),
			.rounds = o.rounds,
			.memory = o.memory,
			.logs = o.logs,
			.compress = o.compress};
		for (auto const part : {slow_part::link, slow_part::disk})
		{
			run.part = part;
			if (part == slow_part::link ? o.slow_client : o.slow_disk)
			{
				right = compare_with_slow_member(run, content, make_rawswarm) && right;
			}
		}
	}
	return right;
}

bool run_hostile(options const& o, room_content const& content)
{
	bool right = true;
	for (int const clients : o.clients)
	{
		hostile_room_run const run{.clients = clients,
			.mbit = rate_for(o, clients),
			.rounds = o.rounds,
			.kind = o.hostile,
			.memory = o.memory,
			.logs = o.logs,
			.compress = o.compress};
		right = compare_with_hostile_members(run, content, make_rawswarm) && right;
	}
	return right;
}

// packages: their folder, if the content is real
int run_all(options const& o, std::filesystem::path const& packages)
{
	test::temp_dir const folder;
	content_settings const settings{folder.path().string(), o.mib, o.piece_size,
		o.source == "compressed" ? seed_source::compressed : seed_source::raw};
	auto const content = o.content == "real" ? real_content(packages, settings) : random_content(settings);
	if (o.slow_client || o.slow_disk)
	{
		return run_slow(o, content) ? 0 : 1;
	}
	if (!o.hostile.empty())
	{
		return run_hostile(o, content) ? 0 : 1;
	}
	std::vector<entry> entries{{"rawswarm", make_rawswarm}};
	if (o.mixed)
	{
		entries.push_back({"mixed", make_mixed, least_mixed_clients, true});
	}
	if (o.with_others)
	{
		entries.push_back({"aria2", make_aria2});
		entries.push_back({"udpcast", make_udpcast});
		entries.push_back({"zstd|udpcast", make_udpcast_with_zstd});
	}
	print_head(content, o.memory);
	bool right = true;
	for (int const clients : o.clients)
	{
		for (auto const& e : entries)
		{
			right = run_room(o, e, clients, content) && right;
		}
	}
	return right ? 0 : 1;
}

int run(int const argc, char const* const* const argv)
{
	options o;
	CLI::App app("How long a room takes");
	app.add_option("clients", o.clients, "Rooms of so many clients")->check(CLI::Range(1, max_clients));
	app.add_option("--content", o.content, "random, or real: a file system with files of Debian packages")
		->check(CLI::IsMember({"random", "real"}));
	app.add_option("--mib", o.mib, "The image's size, what its file system does not use left out")
		->check(CLI::Range(1, 65536));
	app.add_option("--mbit", o.mbit, "Every link's rate; 0: as the number of clients allows")
		->check(CLI::Range(0, 10000));
	app.add_option("--rounds", o.rounds, "So often each")->check(CLI::Range(1, 100));
	app.add_option("--piece-size", o.piece_size, "Bytes");
	app.add_option("--memory", o.memory, "A client's budget");
	app.add_option("--logs", o.logs, "A folder for the agents' logs")->check(CLI::ExistingDirectory);
	app.add_flag("--slow-client", o.slow_client, "What a client with a tenth of the rate costs the others");
	app.add_flag("--slow-disk", o.slow_disk, "What a client with a slow disk costs the others");
	app.add_option(
		   "--hostile", o.hostile, "What three hostile members of a kind, or of each, cost the others")
		->check(CLI::IsMember({"all", "silent", "claiming", "wrong", "talking", "dripping"}));
	app.add_option("--source", o.source, "The seeder serves a raw image, or one of create --compress")
		->check(CLI::IsMember({"raw", "compressed"}));
	app.add_option("--compress", o.compress, "swarm.compress of every job; not said by default")
		->check(CLI::IsMember({"auto", "on", "off"}));
	app.add_flag("--mixed", o.mixed, "Also a room where one client does not compress, and one is aria2");
	app.add_flag("--with-others", o.with_others, "aria2, udpcast and zstd | udpcast as well");
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
	// before there is no network any more
	auto const packages = o.content == "real" ? unpacked_packages() : std::filesystem::path();
	return test::run_isolated([&] { return run_all(o, packages); });
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
