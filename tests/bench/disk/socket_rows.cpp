// SPDX-License-Identifier: BSD-3-Clause
#include "tests/bench/disk/socket_rows.hpp"

#include "agent/swarm/receive_buffers.hpp"
#include "base/unique_fd.hpp"
#include "tests/bench/disk/backend_run.hpp"
#include "tests/bench/disk/bench_device.hpp"
#include "tests/bench/disk/disk_row.hpp"
#include "tests/support/base/throw_errno.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

namespace rawswarm::bench
{

namespace
{

constexpr double least_of_disk = 0.9;
constexpr double most_over_budget = 64; // MiB

// What the program would do, but for the buffer of each socket where an option sets that.
receive_buffer_sizes buffers_of(disk_options const& o, int const peers)
{
	auto sizes = receive_buffer_sizes::of(std::size_t(o.memory) * 1024 * 1024, peers, false);
	sizes.each = o.kernel_buffers ? *o.kernel_buffers * 1024 : sizes.each;
	return sizes;
}

// MiB/s, in writes of 1 MiB one after the other.
double sequential(bench_device& device, int const size)
{
	run_options r;
	device.prepare(r);
	unique_fd const fd(::open(r.device.c_str(), O_WRONLY | O_DIRECT | O_CLOEXEC));
	auto const bytes = static_cast<std::size_t>(piece_bytes);
	std::unique_ptr<char, decltype(&std::free)> const piece(
		static_cast<char*>(std::aligned_alloc(4096, bytes)), &std::free);
	std::fill_n(piece.get(), bytes, '\0');
	auto const start = std::chrono::steady_clock::now();
	for (int p = 0; p < size; ++p)
	{
		if (::pwrite(fd.get(), piece.get(), bytes, off_t(p) * piece_bytes) != ssize_t(bytes))
		{
			test::throw_errno("writing " + r.device);
		}
	}
	auto const took = std::chrono::steady_clock::now() - start;
	device.finish();
	return size / std::chrono::duration<double>(took).count();
}

row run_once(bench_device& device, disk_options const& o, int const peers,
	receive_buffer_sizes const* const kernel, std::shared_ptr<lt::torrent_info const> const& info)
{
	run_options r;
	r.stream.peers = peers;
	r.stream.time_limit = std::chrono::seconds(o.seconds);
	r.memory = std::size_t(o.memory) * 1024 * 1024;
	r.hash_threads = o.threads;
	r.profile = device.profile();
	if (kernel)
	{
		r.stream.receive_buffer = kernel->each;
		r.in_flight = kernel->in_flight;
	}
	device.prepare(r);
	row done{device.name(), peers, r.which, run_backend(r, info), {}, r.profile.writers};
	done.seen = device.finish();
	return done;
}

void judge_sockets(
	row const& alone, row const& with_sockets, double const disk, int const memory, verdicts& v)
{
	auto const label = fmt::format("sockets, {}, {} peers: ", with_sockets.device, with_sockets.peers);
	if (!alone.run.ok || !with_sockets.run.ok)
	{
		v.failed(label + "it did not do its work");
		return;
	}
	if (with_sockets.device == std::string("steady"))
	{
		v.at_least(label + "rate : the disk alone", with_sockets.rate() / disk, least_of_disk);
	}
	v.at_least(
		label + "rate : with peers that stop at once", with_sockets.rate() / alone.rate(), least_of_disk);
	v.at_most(label + "blocks read back", double(with_sockets.run.read_backs), 0);
	v.at_most(label + "peak memory over the budget, MiB",
		double(with_sockets.run.peak_memory) / mebibyte - memory, most_over_budget);
}

void run_disk(bench_device& device, disk_options const& o,
	std::shared_ptr<lt::torrent_info const> const& info, verdicts& v)
{
	double const disk = sequential(device, o.size);
	for (int const peers : o.socket_peers)
	{
		auto const kernel = buffers_of(o, peers);
		std::vector<row> alone;
		std::vector<row> with_sockets;
		for (int i = 0; i < o.repeat; ++i)
		{
			alone.push_back(run_once(device, o, peers, nullptr, info));
			with_sockets.push_back(run_once(device, o, peers, &kernel, info));
		}
		auto const a = median(alone);
		auto const s = median(with_sockets);
		fmt::print("{:7} {:>5} {:>6} {:>7.1f} {:>7.1f} {:>7.1f} {:>6.2f} {:>9} {:>6} {:>7} {:>9} {:>7} "
				   "{:>8.1f}{}\n",
			s.device, peers, kernel.each / 1024, disk, a.rate(), s.rate(), s.rate() / disk, s.run.read_backs,
			s.run.most_late, kernel.in_flight, s.run.beyond_budget, s.run.stopped_ms,
			double(s.run.peak_memory) / mebibyte, s.run.ok ? "" : "  FAILED");
		std::fflush(stdout);
		judge_sockets(a, s, disk, o.memory, v);
	}
}

} // namespace

void run_socket_rows(disk_options const& o, std::shared_ptr<lt::torrent_info const> const& info, verdicts& v)
{
	fmt::print("sockets: peers send over TCP, MiB/s of the disk from end to end, of the backend with peers "
			   "that stop at once,\nand with these peers\n");
	fmt::print("{:7} {:>5} {:>6} {:>7} {:>7} {:>7} {:>6} {:>9} {:>6} {:>7} {:>9} {:>7} {:>8}\n", "disk",
		"peers", "KiB", "disk", "at once", "MiB/s", ": disk", "read back", "late", "reserve", "beyond",
		"stop ms", "peak MiB");
	auto const size = std::uint64_t(o.size) * 1024 * 1024;
	run_disk(*make_steady_device(size), o, info, v);
	run_disk(*make_seek_device(size), o, info, v);
}

} // namespace rawswarm::bench
