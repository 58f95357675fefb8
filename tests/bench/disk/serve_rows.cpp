// SPDX-License-Identifier: BSD-3-Clause
#include "tests/bench/disk/serve_rows.hpp"

#include "storage/backend/raw_disk_io.hpp"
#include "storage/backend/storage_context.hpp"
#include "storage/device/open_device.hpp"
#include "tests/bench/disk/block_delivery.hpp"
#include "tests/bench/disk/block_stream.hpp"
#include "tests/bench/disk/serve_room.hpp"
#include "tests/bench/disk/source_disk.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <fmt/format.h>
#include <libtorrent/disk_interface.hpp>
#include <libtorrent/io_context.hpp>
#include <libtorrent/peer_request.hpp>
#include <libtorrent/performance_counters.hpp>
#include <libtorrent/settings_pack.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <vector>

namespace rawswarm::bench
{

namespace
{

using clock = std::chrono::steady_clock;

constexpr int hashed_at_once = 3; // pieces of a peer, as libtorrent does it
constexpr int read_at_once = 16; // blocks of a peer: 256 KiB that its socket takes
constexpr double least_of_sequential = 0.8;

double seconds_since(clock::time_point const start)
{
	return std::chrono::duration<double>(clock::now() - start).count();
}

// The network thread with its peers.
class room_stand_in
{
public:
	room_stand_in(lt::disk_interface& disk, lt::io_context& ios, lt::storage_index_t const storage,
		lt::torrent_info const& info, int const peers)
		: m_disk(disk)
		, m_ios(ios)
		, m_storage(storage)
		, m_info(info)
		, m_peers(static_cast<std::size_t>(peers))
	{}

	void run()
	{
		auto const guard = boost::asio::make_work_guard(m_ios);
		while (m_sent < std::int64_t(m_info.num_pieces()) * blocks_in_piece)
		{
			for (auto& p : m_peers)
			{
				ask(p);
			}
			m_disk.submit_jobs();
			m_ios.restart();
			m_ios.run_one();
			m_ios.poll();
		}
	}

private:
	struct peer
	{
		int hashing = 0;
		int reading = 0;
		int block = 0; // of the first piece
		std::vector<lt::piece_index_t> hashed;
	};

	void ask(peer& p)
	{
		while (m_next < m_info.num_pieces() && p.hashing + int(p.hashed.size()) < hashed_at_once)
		{
			++p.hashing;
			m_disk.async_hash(m_storage, lt::piece_index_t{m_next++}, {}, lt::disk_interface::v1_hash,
				[this, &p](lt::piece_index_t const i, lt::sha1_hash const& hash, lt::storage_error const& e) {
					check(!e && hash == m_info.hash_for_piece(i));
					--p.hashing;
					p.hashed.push_back(i);
				});
		}
		while (!p.hashed.empty() && p.reading < read_at_once)
		{
			++p.reading;
			m_disk.async_read(m_storage, {p.hashed.front(), p.block * block_size, block_size},
				[this, &p](lt::disk_buffer_holder const& b, lt::storage_error const& e) {
					check(!e && b.data() != nullptr);
					--p.reading;
					++m_sent;
				},
				{});
			if (++p.block == blocks_in_piece)
			{
				p.block = 0;
				p.hashed.erase(p.hashed.begin());
			}
		}
	}

	static void check(bool const good)
	{
		if (!good)
		{
			throw std::runtime_error("a piece was not served");
		}
	}

	lt::disk_interface& m_disk;
	lt::io_context& m_ios;
	lt::storage_index_t m_storage;
	lt::torrent_info const& m_info;
	int m_next = 0;
	std::int64_t m_sent = 0; // blocks
	std::vector<peer> m_peers;
};

struct serve_result
{
	double seconds = 0;
	std::int64_t read_ahead = 0;
	seek_disk_counts seen;
};

serve_result serve(source_disk& disk, disk_options const& o,
	std::shared_ptr<lt::torrent_info const> const& info, int const peers, bool const in_order)
{
	auto extents = extent_map::build(info->files());
	auto device = open_source(disk.path());
	if (!device)
	{
		throw std::runtime_error(device.error().text);
	}
	target_options how{.profile = profile_for(device_kind::hdd)};
	how.profile.piece_ahead_blocks = in_order ? how.profile.piece_ahead_blocks : 0;
	auto const target = std::make_shared<storage_target>(std::move(device).value(), info, extents.value(),
		how, [](error const& e) { fmt::print(stderr, "{}\n", e.text); });
	storage_settings settings;
	settings.memory = std::size_t(o.memory) * 1024 * 1024;
	settings.hash_threads = o.threads;
	auto const context = std::make_shared<storage_context>(settings);
	context->add_target("target", target);
	lt::io_context ios;
	lt::counters counters;
	auto const backend = raw_disk_io_constructor(context)(ios, lt::settings_pack(), counters);
	lt::aux::vector<lt::download_priority_t, lt::file_index_t> const priorities;
	auto storage = backend->new_torrent(
		{info->files(), nullptr, "target", lt::storage_mode_sparse, priorities, info->info_hashes().v1},
		nullptr);
	serve_result r;
	disk.begin();
	auto const start = clock::now();
	room_stand_in(*backend, ios, storage, *info, peers).run();
	r.seconds = seconds_since(start);
	r.seen = disk.end();
	r.read_ahead = context->stats().blocks_read_ahead;
	storage.reset();
	backend->abort(true);
	ios.restart();
	ios.poll();
	return r;
}

} // namespace

void run_serve_rows(disk_options const& o, std::shared_ptr<lt::torrent_info const> const& info, verdicts& v)
{
	source_disk disk(o.size, {});
	double const sequential = disk.sequential();
	fmt::print("serve: a source of {} MiB on the disk with seek costs, {:.1f} MiB/s from end to end\n",
		o.size, sequential);
	fmt::print("{:>7} {:10} {:>8} {:>6} {:>9} {:>6} {:>11} {:>6} {:>6}\n", "clients", "readers", "MiB/s",
		"ratio", "dev reads", "seeks", "read/image", "ahead", "busy %");
	for (int const peers : o.clients)
	{
		for (bool const in_order : {false, true})
		{
			std::vector<serve_result> runs;
			for (int i = 0; i < o.repeat; ++i)
			{
				runs.push_back(serve(disk, o, info, peers, in_order));
			}
			std::ranges::sort(runs, {}, &serve_result::seconds);
			auto const& r = runs[runs.size() / 2];
			double const rate = o.size / r.seconds;
			double const read = double(r.seen.bytes) / mebibyte / o.size;
			fmt::print("{:>7} {:10} {:>8.1f} {:>6.2f} {:>9} {:>6} {:>11.2f} {:>6} {:>6.0f}\n", peers,
				in_order ? "rawswarm" : "hashers", rate, rate / sequential, r.seen.requests, r.seen.seeks,
				read, r.read_ahead, 100 * r.seen.busy_seconds / r.seconds);
			std::fflush(stdout);
			if (in_order)
			{
				auto const label = fmt::format("serve, {} clients: ", peers);
				v.at_least(label + "rate : sequential", rate / sequential, least_of_sequential);
				v.at_most(label + "read : image", read, 1.05);
			}
		}
	}
	run_serve_rooms(o, v);
}

} // namespace rawswarm::bench
