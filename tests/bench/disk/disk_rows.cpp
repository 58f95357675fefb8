// SPDX-License-Identifier: BSD-3-Clause
#include "tests/bench/disk/disk_rows.hpp"

#include "tests/bench/disk/program_run.hpp"

#include <CLI/CLI.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>

namespace rawswarm::bench
{

namespace
{

std::unique_ptr<bench_device> make_device(std::string const& name, std::uint64_t const size)
{
	return name == "memory" ? make_memory_device(size)
		: name == "loop"    ? make_loop_device(size)
							: make_seek_device(size);
}

std::unique_ptr<bench_device> make_device(std::string const& name, disk_options const& o)
{
	return name == "path" ? take_device(o.path) : make_device(name, std::uint64_t(o.size) * 1024 * 1024);
}

backend backend_of(std::string const& name)
{
	for (std::size_t i = 0; i < num_backends; ++i)
	{
		if (name == to_string(static_cast<backend>(i)))
		{
			return static_cast<backend>(i);
		}
	}
	throw CLI::ValidationError("--backend " + name);
}

std::vector<std::pair<int, int>> peers_and_writers(disk_options const& o)
{
	std::vector<std::pair<int, int>> pairs;
	for (int const peers : o.peers)
	{
		for (int const writers : o.writers)
		{
			pairs.emplace_back(peers, writers);
		}
	}
	return pairs;
}

} // namespace

std::vector<row> run_device(
	std::string const& name, disk_options const& o, std::shared_ptr<lt::torrent_info const> const& info)
{
	auto const device = make_device(name, o);
	std::vector<row> rows;
	for (auto const& [peers, writers] : peers_and_writers(o))
	{
		std::map<std::string, std::vector<row>> runs;
		for (int i = 0; i < o.repeat; ++i)
		{
			for (auto const& b : o.backends)
			{
				run_options r;
				r.which = backend_of(b);
				if (name == "path" && !is_ours(r.which))
				{
					continue;
				}
				bool const slow = name == "seek" && r.which == backend::one_write;
				if (slow && i > 0)
				{
					continue;
				}
				r.stream.peers = peers;
				r.stream.time_limit = std::chrono::seconds(slow ? o.seconds / 2 : o.seconds);
				r.memory = std::size_t(o.memory) * 1024 * 1024;
				r.profile = device->profile();
				r.profile.writers = writers > 0 ? writers : r.profile.writers;
				r.hash_threads = o.threads;
				device->prepare(r);
				row done{name, peers, r.which, run_backend(r, info), {}, r.profile.writers};
				done.seen = device->finish();
				runs[b].push_back(done);
			}
		}
		for (auto const& b : o.backends)
		{
			if (runs.contains(b))
			{
				rows.push_back(median(runs[b]));
				print(rows.back());
			}
		}
	}
	return rows;
}

std::vector<std::pair<row, row>> run_program_rows(
	disk_options const& o, std::shared_ptr<lt::torrent_info const> const& info)
{
	auto const device = make_device("seek", std::uint64_t(o.size) * 1024 * 1024);
	std::vector<std::pair<row, row>> pairs;
	for (int const peers : o.complete_peers)
	{
		std::vector<row> alone;
		std::vector<row> with_peers;
		for (int i = 0; i < o.repeat; ++i)
		{
			run_options r;
			r.stream.peers = peers;
			r.memory = std::size_t(o.memory) * 1024 * 1024;
			r.profile = device->profile();
			r.hash_threads = o.threads;
			device->prepare(r);
			alone.push_back({"seek", peers, r.which, run_backend(r, info), {}, r.profile.writers});
			alone.back().seen = device->finish();
			device->prepare(r);
			program_options const p{r.device, o.size, r.memory, peers};
			with_peers.push_back({"program", peers, r.which, run_program(p), {}, r.profile.writers});
			with_peers.back().seen = device->finish();
		}
		pairs.emplace_back(median(alone), median(with_peers));
		print(pairs.back().first);
		print(pairs.back().second);
	}
	return pairs;
}

} // namespace rawswarm::bench
