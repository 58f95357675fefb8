// SPDX-License-Identifier: BSD-3-Clause
#include "tests/support/program/reading_race.hpp"

#include "tests/support/base/child_process.hpp"
#include "tests/support/base/random_bytes.hpp"
#include "tests/support/device/loop_device.hpp"
#include "tests/support/program/rawswarm_program.hpp"
#include "tests/support/program/read_limit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <memory>
#include <span>
#include <stdexcept>
#include <thread>
#include <utility>

#include <sys/resource.h>
#include <unistd.h>

namespace rawswarm::test
{

namespace
{

using clock = std::chrono::steady_clock;

constexpr std::uint64_t mebibyte = 1024 * 1024;
constexpr double required_ratio = 0.9;

// No two pieces are alike, and it takes little time: copies of one random MiB, each with its own number.
void write_image(std::string const& path, std::uint64_t const bytes)
{
	auto block = random_bytes(1, mebibyte);
	std::ofstream out(path, std::ios::binary);
	for (std::uint64_t i = 0; i < bytes / mebibyte; ++i)
	{
		block.replace(0, 16, fmt::format("{:016}", i));
		out.write(block.data(), static_cast<std::streamsize>(block.size()));
	}
	if (!out.flush())
	{
		throw std::runtime_error("writing " + path);
	}
}

// A disk that gives less than the processors can hash, as most do.
constexpr std::uint64_t slow_rate = 400 * mebibyte;

struct measured
{
	double seconds = 0;
	double processors = 0; // that children kept busy, on average
	double machine = 0; // the same of the whole machine: with the kernel's threads, which serve a loop device
};

double children_seconds()
{
	rusage used = {};
	::getrusage(RUSAGE_CHILDREN, &used);
	auto const seconds = [](timeval const& t) { return double(t.tv_sec) + double(t.tv_usec) / 1e6; };
	return seconds(used.ru_utime) + seconds(used.ru_stime);
}

// Of all processors together, since the start (proc(5)).
double machine_seconds()
{
	std::ifstream in("/proc/stat");
	std::string name;
	std::array<double, 7> ticks{}; // user, nice, system, idle, iowait, irq, softirq
	in >> name;
	for (auto& t : ticks)
	{
		in >> t;
	}
	return (ticks[0] + ticks[1] + ticks[2] + ticks[5] + ticks[6]) / double(::sysconf(_SC_CLK_TCK));
}

measured time_of(std::function<void()> const& work)
{
	auto const used = children_seconds();
	auto const used_by_all = machine_seconds();
	auto const start = clock::now();
	work();
	double const seconds = std::chrono::duration<double>(clock::now() - start).count();
	return {seconds, (children_seconds() - used) / seconds, (machine_seconds() - used_by_all) / seconds};
}

struct contender
{
	char const* name;
	std::function<void()> work;
	std::vector<measured> rounds = {};

	measured median() const
	{
		auto sorted = rounds;
		std::ranges::sort(sorted, {}, &measured::seconds);
		return sorted[sorted.size() / 2];
	}
};

void hash_all(std::vector<std::string> const& parts)
{
	std::vector<std::unique_ptr<child_process>> children;
	for (auto const& part : parts)
	{
		children.push_back(
			std::make_unique<child_process>(child_options{.argv = {"openssl", "dgst", "-sha1", part},
				.env = {},
				.stdin_text = {},
				.stdout_path = {},
				.stderr_path = {}}));
	}
	for (auto const& child : children)
	{
		if (child->wait(std::chrono::minutes(10)) != 0)
		{
			throw std::runtime_error("openssl dgst: " + child->err());
		}
	}
}

void run_rounds(std::span<contender> const contenders, int const rounds)
{
	for (int i = 0; i < rounds; ++i)
	{
		for (auto& c : contenders)
		{
			c.rounds.push_back(time_of(c.work));
		}
	}
}

void print_rows(std::span<contender const> const contenders, std::uint64_t const bytes)
{
	fmt::print("{:10} {:>8} {:>10} {:>12} {:>14}\n", "", "seconds", "MiB/s", "CPUs (own)", "CPUs (machine)");
	for (auto const& c : contenders)
	{
		auto const m = c.median();
		fmt::print("{:10} {:>8.3f} {:>10.0f} {:>12.2f} {:>14.2f}\n", c.name, m.seconds,
			double(bytes) / double(mebibyte) / m.seconds, m.processors, m.machine);
	}
}

int race(std::uint64_t const bytes, int const rounds, racing_command const& command)
{
	auto const processors = std::max(1U, std::thread::hardware_concurrency());
	scoped_tmpfs const memory(2 * bytes + 64 * mebibyte);
	auto const image = memory / "image";
	auto const torrent = memory / "torrent";
	write_image(image, bytes);
	auto const program = rawswarm_command({}).argv.front();
	run_checked({program, "create", image, "-o", torrent, "--piece-size", "1048576"});
	loop_device const device(image);
	std::vector<std::string> parts;
	for (unsigned i = 0; i < processors; ++i)
	{
		parts.push_back(memory / fmt::format("part{}", i));
		write_image(parts.back(), bytes / processors);
	}

	std::vector<std::string> const dd{"dd", "if=" + device.path(), "of=/dev/null", "bs=1M", "iflag=direct"};
	(void)read_limit(device.path(), slow_rate); // fails now rather than after all other rounds
	auto rawswarm = command({device.path(), torrent, memory / "out"});
	rawswarm.insert(rawswarm.begin(), program);
	std::array<contender, 3> contenders{{
		{"dd", [&] { run_checked(dd); }},
		{"openssl", [&] { hash_all(parts); }},
		{"rawswarm", [&] { run_checked(rawswarm); }},
	}};
	run_rounds(contenders, rounds);
	fmt::print("{} MiB on a loop device over memory, {} processors, median of {} rounds\n\n",
		bytes / mebibyte, processors, rounds);
	print_rows(contenders, bytes);
	// What reading and hashing cost together, if no processor ever waits.
	auto const work = [](contender const& c) { return c.median().seconds * c.median().machine; };
	fmt::print("\nThe processors' time for reading and hashing alone: {:.3f} s of {} processors\n",
		(work(contenders[0]) + work(contenders[1])) / processors, processors);
	double const slower = std::max(contenders[0].median().seconds, contenders[1].median().seconds);
	double const ratio = slower / contenders[2].median().seconds;
	fmt::print(
		"rawswarm reaches {:.2f} of the slower of dd and openssl, to be >= {:.2f}\n", ratio, required_ratio);

	read_limit const slow(device.path(), slow_rate);
	std::array<contender, 2> on_slow_disk{{
		{"dd", [&] { run_checked(slow.inside(dd)); }},
		{"rawswarm", [&] { run_checked(slow.inside(rawswarm)); }},
	}};
	run_rounds(on_slow_disk, std::min(rounds, 3));
	fmt::print("\nThe same, read at {} MiB/s\n\n", slow_rate / mebibyte);
	print_rows(on_slow_disk, bytes);
	double const slow_ratio = on_slow_disk[0].median().seconds / on_slow_disk[1].median().seconds;
	fmt::print("\nrawswarm reaches {:.2f} of dd, to be >= {:.2f}\n", slow_ratio, required_ratio);
	return std::min(ratio, slow_ratio) >= required_ratio ? 0 : 1;
}

} // namespace

int run_reading_race(int const argc, char** const argv, racing_command const& command)
{
	try
	{
		auto const argument = [&](int const i, int const otherwise) {
			return argc > i ? std::atoi(argv[i]) : otherwise;
		};
		int const mib = argument(1, 2048);
		int const rounds = argument(2, 5);
		if (mib < 64 || rounds < 1)
		{
			std::fprintf(stderr, "%s [MIB] [ROUNDS]: at least 64 MiB and a round\n", argv[0]);
			return 2;
		}
		if (!loop_devices_available())
		{
			std::fprintf(stderr, "%s: needs loop devices: %s\n", argv[0], why_no_loop_devices().c_str());
			return 2;
		}
		return race(static_cast<std::uint64_t>(mib) * mebibyte, rounds, command);
	}
	catch (std::exception const& e)
	{
		std::fprintf(stderr, "%s: %s\n", argv[0], e.what());
		return 1;
	}
}

} // namespace rawswarm::test
