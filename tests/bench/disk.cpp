// SPDX-License-Identifier: BSD-3-Clause
// disk [options]: the same stream of blocks into rawswarm's disk backend, into the same with one write per
// block, and into libtorrent's mmap and posix backends, on the same devices in one run. Prints a table, then
// the bounds that the backend has to keep; exits with 1 if one is not kept.
//
// The I/O scheduler is none, the loop device's default: with mq-deadline libtorrent's backends were no more
// than 4% faster on the disk with seek costs.
//
// CPU time is that of the process that a backend runs in. It lacks the kernel's threads that write back the
// page cache, and those of the loop device. Only `memory` has none of them, so bounds on CPU are checked
// there.
//
// All get the same memory. rawswarm has its budget. The others have the page cache, which on a machine with
// memory to spare would take the whole image and write it in order at the end; a machine that is imaged from
// its initramfs has not that much. So while the bench runs the kernel's limit of dirty pages (vm.dirty_bytes)
// is the same budget, and half of it the mark at which write-back starts (vm.dirty_background_bytes). Both
// are restored.
//
// One write per block takes minutes on the disk with seek costs, and is far from its bound there: it runs
// once, for half the time.
//
// However it ends, nothing is left mounted or attached; only SIGKILL leaves the limits of dirty pages
// changed.
//
// The device `program` is the disk with seek costs under the program itself, with 1 to 30 peers that have
// everything and send as fast as loopback takes it. It is to write as much as the backend alone.
//
// Needs root for loop devices, FUSE and these limits; without, only the device `memory` is run.
#include "tests/bench/disk/backend_run.hpp"
#include "tests/bench/disk/bench_device.hpp"
#include "tests/bench/disk/dirty_limits.hpp"
#include "tests/bench/disk/program_run.hpp"
#include "tests/support/base/temp_dir.hpp"
#include "tests/support/base/throw_errno.hpp"
#include "tests/support/device/loop_device.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

namespace rawswarm::bench
{

namespace
{

constexpr double mebibyte = 1024.0 * 1024;

struct options
{
	std::vector<std::string> devices{"memory", "loop", "seek", "program"};
	std::vector<int> peers{8, 50};
	std::vector<int> complete_peers{1, 8, 30}; // of the device `program`
	std::vector<std::string> backends{"rawswarm", "one-write", "mmap", "posix"};
	int size = 512; // MiB
	int memory = 64; // MiB
	int repeat = 3;
	int seconds = 20; // no row begins new pieces after that
	int writers = 0; // 0: as many as the profile says
	int threads = 2; // hash threads of every backend
};

struct row
{
	std::string device;
	int peers = 0;
	backend which = backend::rawswarm;
	run_result run;
	device_counts seen;

	double rate() const { return run.seconds > 0 ? double(run.bytes) / mebibyte / run.seconds : 0; }
	double a_gibibyte(double const s) const
	{
		return run.bytes > 0 ? s / (double(run.bytes) / mebibyte / 1024) : 0;
	}
	double cpu() const { return a_gibibyte(run.user_seconds + run.system_seconds); }
	double blocks_per_write() const
	{
		return run.write_calls > 0 ? double(run.blocks_written) / double(run.write_calls) : 0;
	}
};

void print_head()
{
	fmt::print("{:8} {:>5} {:10} {:>8} {:>9} {:>6} {:>6} {:>8} {:>8} {:>9} {:>9} {:>9} {:>9} {:>8} {:>8} "
			   "{:>6} {:>8} "
			   "{:>6} {:>7}\n",
		"device", "peers", "backend", "MiB/s", "CPU s/GiB", "user", "system", "writes", "blocks/w",
		"peak MiB", "dirty MiB", "p50 ms", "p99 ms", "dev wr", "requests", "reads", "seeks", "busy %",
		"stop ms");
}

void print(row const& r)
{
	fmt::print(
		"{:8} {:>5} {:10} {:>8.1f} {:>9.2f} {:>6.2f} {:>6.2f} {:>8} {:>8.1f} {:>9.1f} {:>9.1f} {:>9.2f} "
		"{:>9.2f} {:>8} {:>8} {:>6} {:>8} {:>6.0f} {:>7}{}\n",
		r.device, r.peers, to_string(r.which), r.rate(), r.cpu(), r.a_gibibyte(r.run.user_seconds),
		r.a_gibibyte(r.run.system_seconds), r.run.write_calls, r.blocks_per_write(),
		double(r.run.peak_memory) / mebibyte, double(r.run.peak_dirty) / mebibyte,
		double(r.run.p50_us) / 1000, double(r.run.p99_us) / 1000, r.seen.writes, r.seen.requests,
		r.seen.reads, r.seen.seeks, r.run.seconds > 0 ? 100 * r.seen.busy_seconds / r.run.seconds : 0,
		r.run.stopped_ms, r.run.ok ? "" : "  FAILED");
	std::fflush(stdout);
}

std::unique_ptr<bench_device> make_device(std::string const& name, std::uint64_t const size)
{
	return name == "memory" ? make_memory_device(size)
		: name == "loop"    ? make_loop_device(size)
							: make_seek_device(size);
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

// The median of several runs by rate. Runs of the backends alternate, so that a slow minute of the machine
// affects all of them.
row median(std::vector<row> runs)
{
	auto const failed = std::ranges::find_if(runs, [](row const& r) { return !r.run.ok; });
	if (failed != runs.end())
	{
		return *failed;
	}
	std::ranges::sort(runs, {}, &row::rate);
	return runs[runs.size() / 2];
}

std::vector<row> run_device(
	std::string const& name, options const& o, std::shared_ptr<lt::torrent_info const> const& info)
{
	auto const size = std::uint64_t(o.size) * 1024 * 1024;
	auto const device = make_device(name, size);
	std::vector<row> rows;
	for (int const peers : o.peers)
	{
		std::map<std::string, std::vector<row>> runs;
		for (int i = 0; i < o.repeat; ++i)
		{
			for (auto const& b : o.backends)
			{
				run_options r;
				r.which = backend_of(b);
				bool const slow = name == "seek" && r.which == backend::one_write;
				if (slow && i > 0)
				{
					continue;
				}
				r.stream.peers = peers;
				r.stream.time_limit = std::chrono::seconds(slow ? o.seconds / 2 : o.seconds);
				r.memory = std::size_t(o.memory) * 1024 * 1024;
				r.profile = device->profile();
				r.profile.writers = o.writers > 0 ? o.writers : r.profile.writers;
				r.hash_threads = o.threads;
				device->prepare(r);
				row done{name, peers, r.which, run_backend(r, info), {}};
				done.seen = device->finish();
				runs[b].push_back(done);
			}
		}
		for (auto const& b : o.backends)
		{
			rows.push_back(median(runs[b]));
			print(rows.back());
		}
	}
	return rows;
}

// The program with peers that have everything, on the disk with seek costs, and beside it the backend alone
// on the same disk.
std::vector<std::pair<row, row>> run_program_rows(
	options const& o, std::shared_ptr<lt::torrent_info const> const& info)
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
			alone.push_back({"seek", peers, r.which, run_backend(r, info), {}});
			alone.back().seen = device->finish();
			device->prepare(r);
			program_options const p{r.device, o.size, r.memory, peers};
			with_peers.push_back({"program", peers, r.which, run_program(p), {}});
			with_peers.back().seen = device->finish();
		}
		pairs.emplace_back(median(alone), median(with_peers));
		print(pairs.back().first);
		print(pairs.back().second);
	}
	return pairs;
}

class verdicts
{
public:
	void at_least(std::string const& what, double const value, double const bound)
	{
		say(what, value, ">=", bound, value >= bound);
	}
	void at_most(std::string const& what, double const value, double const bound)
	{
		say(what, value, "<=", bound, value <= bound);
	}
	// The run itself failed, so its figures are not judged.
	void failed(std::string const& what)
	{
		fmt::print("FAIL {}\n", what);
		m_passed = false;
	}
	bool passed() const { return m_passed; }

private:
	void say(std::string const& what, double value, char const* how, double bound, bool const passed)
	{
		fmt::print("{} {}: {:.2f}, to be {} {:.2f}\n", passed ? "PASS" : "FAIL", what, value, how, bound);
		m_passed = m_passed && passed;
	}

	bool m_passed = true;
};

// The rows of one device and number of peers, by backend.
using row_group = std::map<backend, row>;

void judge(row_group rows, options const& o, verdicts& v)
{
	for (auto it = rows.begin(); it != rows.end();)
	{
		auto const& x = it->second;
		if (!x.run.ok)
		{
			v.failed(
				fmt::format("{}, {} peers: {} did not do its work", x.device, x.peers, to_string(x.which)));
		}
		it = x.run.ok ? std::next(it) : rows.erase(it);
	}
	auto const ours = rows.find(backend::rawswarm);
	if (ours == rows.end())
	{
		return;
	}
	auto const& r = ours->second;
	auto const label = fmt::format("{}, {} peers: ", r.device, r.peers);
	auto const best_stock = [&](auto const& figure, auto const& better) {
		double best = 0;
		for (auto const b : {backend::mmap, backend::posix})
		{
			if (auto const it = rows.find(b); it != rows.end())
			{
				double const value = figure(it->second);
				best = best == 0 ? value : better(best, value);
			}
		}
		return best;
	};
	auto const highest = [](double a, double b) { return std::max(a, b); };
	auto const lowest = [](double a, double b) { return std::min(a, b); };
	double const stock_rate = best_stock([](row const& x) { return x.rate(); }, highest);
	double const stock_cpu = best_stock([](row const& x) { return x.cpu(); }, lowest);
	auto const one_write = rows.find(backend::one_write);

	if (r.peers == 8)
	{
		v.at_least(label + "blocks a write", r.blocks_per_write(), 48);
	}
	if (one_write != rows.end() && r.device != "loop")
	{
		v.at_least(label + "rate : one write a block", r.rate() / one_write->second.rate(),
			r.device == "seek" ? 1.9 : 1.0);
	}
	if (r.device == "seek" && stock_rate > 0)
	{
		v.at_least(label + "rate : best stock backend", r.rate() / stock_rate, 1.3);
	}
	if (r.device == "memory" && stock_cpu > 0)
	{
		v.at_most(label + "CPU : best stock backend", r.cpu() / stock_cpu, 0.7);
	}
	for (auto const& [which, x] : rows)
	{
		if (which == backend::rawswarm || which == backend::one_write)
		{
			v.at_most(fmt::format("{}{} peak memory over the budget, MiB", label, to_string(which)),
				double(x.run.peak_memory) / mebibyte - o.memory, 64);
		}
	}
}

// A disk that is slower than the links decides alone.
void judge_program(std::pair<row, row> const& pair, verdicts& v)
{
	auto const& [alone, with_peers] = pair;
	auto const label = fmt::format("program, {} peers: ", with_peers.peers);
	if (!alone.run.ok || !with_peers.run.ok)
	{
		v.failed(label + "it did not do its work");
		return;
	}
	v.at_least(label + "rate : the backend alone", with_peers.rate() / alone.rate(), 0.9);
	v.at_most(label + "blocks read back", double(with_peers.run.read_backs), 0);
}

// A folder in memory for mount points and small files, which goes with the mount namespace at the latest. Not
// over the folder for temporary files itself, as the program may lie in it.
class folder_for_temporary_files
{
public:
	folder_for_temporary_files()
	{
		if (::mount("tmpfs", m_dir.path().c_str(), "tmpfs", 0, "size=4m") != 0)
		{
			test::throw_errno("a tmpfs for temporary files");
		}
		::setenv("TEST_TMPDIR", (m_dir.path().string() + "/").c_str(), 1);
	}
	~folder_for_temporary_files() { ::umount2(m_dir.path().c_str(), MNT_DETACH); }
	folder_for_temporary_files(folder_for_temporary_files const&) = delete;
	folder_for_temporary_files& operator=(folder_for_temporary_files const&) = delete;

private:
	test::temp_dir m_dir;
};

// Mounts are removed with the last process of the bench, however it ends.
void mount_for_ourselves()
{
	if (::unshare(CLONE_NEWNS) != 0 || ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
	{
		test::throw_errno("a mount namespace");
	}
}

void leave_out(options& o, std::string_view const device, std::string const& reason)
{
	if (std::erase(o.devices, device) > 0)
	{
		fmt::print("{} is left out: {}\n", device, reason);
	}
}

void leave_out_what_cannot_be_made(options& o)
{
	if (auto const& reason = test::why_no_loop_devices(); !reason.empty())
	{
		leave_out(o, "loop", reason);
		leave_out(o, "seek", reason);
		leave_out(o, "program", reason);
	}
	if (::access("/dev/fuse", R_OK | W_OK) != 0)
	{
		leave_out(o, "seek", "no /dev/fuse");
		leave_out(o, "program", "no /dev/fuse");
	}
}

int run_all(options o)
{
	leave_out_what_cannot_be_made(o);
	std::optional<folder_for_temporary_files> folder;
	std::optional<dirty_limits> limits;
	if (::geteuid() == 0)
	{
		mount_for_ourselves();
		folder.emplace();
		limits.emplace(std::int64_t(o.memory) * 1024 * 1024);
	}
	fmt::print("image {} MiB, pieces {} KiB, budget {} MiB, median of {}\n", o.size, piece_bytes / 1024,
		o.memory, o.repeat);
	fmt::print(
		"loop: over a file on a tmpfs. seek: over a disk of 12 ms a seek, 150 MB/s. rawswarm writes to the "
		"device,\nlibtorrent to a file on ext4 without a journal on it, preallocated; to a file on a tmpfs "
		"all of them.\nlibtorrent may have {} MiB of dirty pages in the page cache beside its own memory; "
		"dirty MiB is the whole machine's\n",
		o.memory);
	auto const info = make_image_torrent(o.size);
	print_head();
	std::map<std::pair<std::string, int>, row_group> groups;
	bool const with_program = std::erase(o.devices, "program") > 0;
	for (auto const& d : o.devices)
	{
		for (auto const& r : run_device(d, o, info))
		{
			groups[{r.device, r.peers}][r.which] = r;
		}
	}
	verdicts v;
	for (auto const& [key, rows] : groups)
	{
		judge(rows, o, v);
	}
	if (with_program)
	{
		for (auto const& pair : run_program_rows(o, info))
		{
			judge_program(pair, v);
		}
	}
	return v.passed() ? 0 : 1;
}

int run(int const argc, char const* const* const argv)
{
	options o;
	CLI::App app("The disk backends compared");
	app.add_option("--device", o.devices)
		->delimiter(',')
		->check(CLI::IsMember({"memory", "loop", "seek", "program"}));
	app.add_option("--peers", o.peers)->delimiter(',');
	app.add_option("--complete-peers", o.complete_peers, "of the device program")->delimiter(',');
	app.add_option("--backend", o.backends)
		->delimiter(',')
		->check(CLI::IsMember({"rawswarm", "one-write", "mmap", "posix"}));
	app.add_option("--size", o.size, "MiB");
	app.add_option("--memory", o.memory, "MiB");
	app.add_option("--repeat", o.repeat);
	app.add_option("--seconds", o.seconds, "a row begins no new piece after that");
	app.add_option("--threads", o.threads, "that hash, of every backend");
	app.add_option("--writers", o.writers, "instead of the profile's");
	try
	{
		app.parse(argc, argv);
	}
	catch (CLI::ParseError const& e)
	{
		return app.exit(e);
	}
	return run_all(o);
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
		std::fprintf(stderr, "disk: %s\n", e.what());
		return 1;
	}
}
