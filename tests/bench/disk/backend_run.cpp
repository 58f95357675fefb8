// SPDX-License-Identifier: BSD-3-Clause
#include "tests/bench/disk/backend_run.hpp"

#include "base/unique_fd.hpp"
#include "storage/backend/raw_disk_io.hpp"
#include "storage/backend/storage_context.hpp"
#include "storage/device/open_device.hpp"
#include "tests/support/base/throw_errno.hpp"

#include <libtorrent/mmap_disk_io.hpp>
#include <libtorrent/performance_counters.hpp>
#include <libtorrent/posix_disk_io.hpp>
#include <libtorrent/settings_pack.hpp>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>
#include <fstream>
#include <stdexcept>
#include <string_view>

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace rawswarm::bench
{

namespace
{

double seconds(timeval const& t)
{
	return double(t.tv_sec) + double(t.tv_usec) * 1e-6;
}

rusage cpu_used()
{
	rusage used{};
	::getrusage(RUSAGE_SELF, &used);
	return used;
}

std::int64_t peak_memory()
{
	std::ifstream status("/proc/self/status");
	for (std::string line; std::getline(status, line);)
	{
		if (line.starts_with("VmHWM:"))
		{
			return std::stoll(line.substr(6)) * 1024;
		}
	}
	return 0;
}

void sync_path(std::string const& path)
{
	unique_fd const fd(::open(path.c_str(), O_RDWR | O_CLOEXEC));
	if (!fd || ::fsync(fd.get()) != 0)
	{
		test::throw_errno("syncing " + path);
	}
}

// Reads the device, past the page cache if it has one.
void compare(std::string const& path, stream_result const& brought)
{
	unique_fd fd(::open(path.c_str(), O_RDONLY | O_DIRECT | O_CLOEXEC));
	if (!fd)
	{
		fd = unique_fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
	}
	auto const bytes = static_cast<std::size_t>(piece_bytes);
	std::unique_ptr<char, decltype(&std::free)> const piece(
		static_cast<char*>(std::aligned_alloc(4096, bytes)), &std::free);
	for (int const p : brought.pieces)
	{
		if (::pread(fd.get(), piece.get(), bytes, off_t(p) * piece_bytes) != ssize_t(bytes))
		{
			test::throw_errno("reading " + path);
		}
		for (int b = 0; b < piece_bytes / block_size; ++b)
		{
			if (std::memcmp(piece.get() + std::ptrdiff_t(b) * block_size, block_content(p, b),
					static_cast<std::size_t>(block_size))
				!= 0)
			{
				throw std::runtime_error("piece " + std::to_string(p) + ", block " + std::to_string(b)
					+ " of " + path + " is not what was brought");
			}
		}
	}
}

struct measured
{
	lt::io_context ios;
	lt::counters counters;
	stream_result stream;
	run_result result;
};

// sync: makes the bytes durable once the backend has written them.
template <class Sync>
void measure(run_options const& options, lt::torrent_info const& info, std::string const& save_path,
	lt::disk_io_constructor_type const& make, lt::settings_pack const& settings, measured& m,
	Sync const& sync)
{
	auto const disk = make(m.ios, settings, m.counters);
	lt::aux::vector<lt::download_priority_t, lt::file_index_t> const priorities;
	auto storage = disk->new_torrent(
		{info.files(), nullptr, save_path, lt::storage_mode_sparse, priorities, info.info_hashes().v1},
		nullptr);
	auto const before = cpu_used();
	auto const start = std::chrono::steady_clock::now();
	run_stream(*disk, m.ios, storage, info, options.stream, m.stream);
	sync();
	auto const took = std::chrono::steady_clock::now() - start;
	m.result.seconds = std::chrono::duration<double>(took).count();
	auto const after = cpu_used();
	m.result.user_seconds = seconds(after.ru_utime) - seconds(before.ru_utime);
	m.result.system_seconds = seconds(after.ru_stime) - seconds(before.ru_stime);
	m.result.peak_memory = peak_memory();
	storage.reset();
	disk->abort(true);
	m.ios.restart();
	m.ios.poll();
}

void run_rawswarm(
	run_options const& options, std::shared_ptr<lt::torrent_info const> const& info, measured& m)
{
	auto extents = extent_map::build(info->files());
	auto device = open_target(
		options.device, extents.value(), {"disk/0x00000000"}, direct_writes::automatic, missing_file::create);
	if (!device)
	{
		throw std::runtime_error(device.error().text);
	}
	std::string failure;
	target_options how{.profile = options.profile};
	if (options.which == backend::one_write)
	{
		how.profile.max_blocks = 1;
	}
	auto const target = std::make_shared<storage_target>(
		std::move(device).value(), info, extents.value(), how, [&](error const& e) { failure = e.text; });
	storage_settings settings;
	settings.memory = options.memory;
	settings.hash_threads = options.hash_threads;
	auto const context = std::make_shared<storage_context>(settings);
	context->set_in_flight_blocks(options.in_flight);
	context->add_target("target", target);
	measure(options, *info, "target", raw_disk_io_constructor(context), {}, m, [&] {
		// its error is the target's first one, which is checked below
		static_cast<void>(target->sync());
	});
	if (!failure.empty())
	{
		throw std::runtime_error(failure);
	}
	auto const& s = context->stats();
	m.result.write_calls = s.write_calls;
	m.result.blocks_written = s.blocks_written;
	m.result.stopped_ms = s.stopped_us / 1000;
	m.result.read_backs = s.blocks_read_back;
	m.result.beyond_budget = s.blocks_beyond_budget;
}

void run_stock(run_options const& options, lt::torrent_info const& info, measured& m)
{
	auto settings = lt::default_settings();
	settings.set_int(lt::settings_pack::hashing_threads, options.hash_threads);
	auto const make =
		options.which == backend::mmap ? lt::mmap_disk_io_constructor : lt::posix_disk_io_constructor;
	measure(options, info, options.folder, make, settings, m,
		[&] { sync_path(options.folder + "/disk/0x00000000"); });
	m.result.write_calls = m.counters[lt::counters::num_write_ops];
	m.result.blocks_written = m.counters[lt::counters::num_blocks_written];
}

void run(run_options const& options, std::shared_ptr<lt::torrent_info const> const& info, measured& m)
{
	bool const ours = is_ours(options.which);
	if (ours)
	{
		run_rawswarm(options, info, m);
	}
	else
	{
		run_stock(options, *info, m);
	}
	if (m.stream.errors + m.stream.wrong_hashes > 0)
	{
		throw std::runtime_error(std::to_string(m.stream.errors) + " errors, "
			+ std::to_string(m.stream.wrong_hashes) + " wrong hashes");
	}
	m.result.bytes = m.stream.bytes;
	m.result.most_late = m.stream.most_late;
	m.result.p50_us = m.stream.latency.quantile(0.5).count();
	m.result.p99_us = m.stream.latency.quantile(0.99).count();
	if (options.on_measured)
	{
		options.on_measured();
	}
	compare(ours ? options.device : options.folder + "/disk/0x00000000", m.stream);
	m.result.ok = true;
}

[[noreturn]] void run_as_child(
	run_options const& options, std::shared_ptr<lt::torrent_info const> const& info, int const out)
{
	run_result result;
	try
	{
		measured m;
		run(options, info, m);
		result = m.result;
	}
	catch (std::exception const& e)
	{
		std::fprintf(stderr, "%s: %s\n", to_string(options.which), e.what());
	}
	auto const written = ::write(out, &result, sizeof(result));
	::_exit(written == ssize_t(sizeof(result)) && result.ok ? 0 : 1);
}

// For the whole machine, like the kernel's limit.
std::int64_t dirty_memory()
{
	std::ifstream info("/proc/meminfo");
	std::int64_t bytes = 0;
	for (std::string line; std::getline(info, line);)
	{
		for (std::string_view const name : {"Dirty:", "Writeback:"})
		{
			if (line.starts_with(name))
			{
				bytes += std::stoll(line.substr(name.size())) * 1024;
			}
		}
	}
	return bytes;
}

// How long a run may take after it has begun its last piece: to write the rest, and to compare.
constexpr auto patience = std::chrono::seconds(180);

// Waits until the run has reported or ended. Returns the largest amount of dirty memory that was seen.
std::int64_t watch(int const result)
{
	std::int64_t peak = 0;
	for (pollfd said{result, POLLIN, 0}; ::poll(&said, 1, 20) <= 0;)
	{
		peak = std::max(peak, dirty_memory());
	}
	return peak;
}

} // namespace

char const* to_string(backend const b)
{
	constexpr std::array<char const*, num_backends> names{"rawswarm", "one-write", "mmap", "posix"};
	return names.at(static_cast<std::size_t>(b));
}

bool is_ours(backend const b)
{
	return b == backend::rawswarm || b == backend::one_write;
}

run_result run_backend(run_options const& options, std::shared_ptr<lt::torrent_info const> const& info)
{
	std::array<int, 2> ends{};
	if (::pipe2(ends.data(), O_CLOEXEC) != 0)
	{
		test::throw_errno("a pipe");
	}
	std::fflush(nullptr);
	pid_t const child = ::fork();
	if (child == 0)
	{
		::prctl(PR_SET_PDEATHSIG, SIGKILL); // otherwise it would keep the device and the mounts
		// the run would wait forever for a peer that is never woken
		::alarm(static_cast<unsigned>((options.stream.time_limit + patience).count()));
		run_as_child(options, info, ends[1]);
	}
	::close(ends[1]);
	auto const dirty = watch(ends[0]);
	run_result result;
	if (::read(ends[0], &result, sizeof(result)) != ssize_t(sizeof(result)))
	{
		result = {};
	}
	::close(ends[0]);
	result.peak_dirty = dirty;
	int status = 0;
	::waitpid(child, &status, 0);
	if (WIFSIGNALED(status))
	{
		std::fprintf(stderr, "%s: %s\n", to_string(options.which),
			WTERMSIG(status) == SIGALRM ? "did not end in time" : ::strsignal(WTERMSIG(status)));
		result.ok = false;
	}
	return result;
}

} // namespace rawswarm::bench
