// SPDX-License-Identifier: BSD-3-Clause
#include "tests/bench/disk/serve_room.hpp"

#include "tests/bench/disk/block_stream.hpp"
#include "tests/bench/disk/source_disk.hpp"
#include "tests/support/base/temp_dir.hpp"
#include "tests/support/device/loop_device.hpp"
#include "tests/support/network/own_network.hpp"
#include "tests/support/network/room.hpp"
#include "tests/support/program/room_agents.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <stdexcept>
#include <vector>

namespace rawswarm::bench
{

namespace
{

using clock = std::chrono::steady_clock;

constexpr seek_disk_options slow_disk{.seek = std::chrono::milliseconds(90), .bytes_per_second = 20e6};
constexpr double least_of_sequential = 0.8;
constexpr double most_read = 1.05; // images
constexpr int most_clients = 6; // that two processors run beside the seeder
constexpr auto patience = std::chrono::minutes(5);

struct room_result
{
	double seconds = 0; // from the start of the clients to the end of the last one
	double sent = 0; // by the seeder, images
	std::int64_t read_ahead = 0; // blocks, by the seeder
	seek_disk_counts seen;
};

room_result serve_room(source_disk& disk, int const size, int const clients)
{
	auto const image_bytes = std::int64_t(size) * piece_bytes;
	test::scoped_tmpfs const folder(std::uint64_t(clients + 1) * static_cast<std::uint64_t>(image_bytes));
	test::write_file(folder / "image.torrent", make_image_torrent_file(size).bytes);
	test::image_files const image{disk.file(), folder / "image.torrent", {}, image_bytes, piece_bytes};
	test::room const hosts(static_cast<std::size_t>(clients) + 1, 0);
	test::room_agents agents(hosts, image, folder.path());
	auto seeder = agents.seeder_job();
	seeder["targets"][0].erase("create");
	seeder["targets"][0]["device"] = disk.path();
	seeder["storage"] = {{"profile", "hdd"}};
	agents.start_seeder(seeder);

	auto const all = test::hosts_between(1, static_cast<std::size_t>(clients));
	disk.begin();
	auto const start = clock::now();
	for (auto const host : all)
	{
		agents.start(host, agents.client_job(host));
	}
	auto const done = agents.are_done(all, patience);
	room_result r;
	r.seconds = std::chrono::duration<double>(clock::now() - start).count();
	r.seen = disk.end();
	if (!done || !agents.are_right(all))
	{
		throw std::runtime_error("the room was not served:\n" + agents.describe());
	}
	r.sent = double(hosts.counters().front().up) / double(image_bytes);
	r.read_ahead = agents.stop(0).at("storage").at("read_ahead");
	return r;
}

} // namespace

void run_serve_rooms(disk_options const& o, verdicts& v)
{
	test::own_network const network;
	source_disk disk(o.size, slow_disk);
	double const sequential = disk.sequential();
	fmt::print("serve: the program and a room, {} MiB on a disk of 90 ms a seek and 20 MB/s, {:.1f} MiB/s "
			   "from end to end\n",
		o.size, sequential);
	fmt::print("{:>7} {:>8} {:>6} {:>9} {:>6} {:>11} {:>6} {:>6} {:>10}\n", "clients", "MiB/s", "ratio",
		"dev reads", "seeks", "read/image", "ahead", "busy %", "sent/image");
	for (int const clients : o.clients)
	{
		if (clients > most_clients)
		{
			continue;
		}
		std::vector<room_result> runs;
		for (int i = 0; i < o.repeat; ++i)
		{
			runs.push_back(serve_room(disk, o.size, clients));
		}
		std::ranges::sort(runs, {}, &room_result::seconds);
		auto const& r = runs[runs.size() / 2];
		double const rate = o.size / r.seconds;
		double const read = double(r.seen.bytes) / mebibyte / o.size;
		fmt::print("{:>7} {:>8.1f} {:>6.2f} {:>9} {:>6} {:>11.2f} {:>6} {:>6.0f} {:>10.2f}\n", clients, rate,
			rate / sequential, r.seen.requests, r.seen.seeks, read, r.read_ahead,
			100 * r.seen.busy_seconds / r.seconds, r.sent);
		std::fflush(stdout);
		auto const label = fmt::format("serve, a room of {}: ", clients);
		v.at_least(label + "rate : sequential", rate / sequential, least_of_sequential);
		v.at_most(label + "read : image", read, most_read);
	}
}

} // namespace rawswarm::bench
