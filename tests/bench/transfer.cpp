// SPDX-License-Identifier: BSD-3-Clause
// transfer [options]: one image from one process to another, as fast as the machine can: over loopback
// without a limit, from memory to memory. Prints the rate, what each side costs in processor time a GiB, by
// thread, in memory and in system calls; beside it, measured in the same run, the floor (transfer/floor.hpp)
// and other programs.
//
// A transfer is measured from the client's start until its end: the program's start, the look at the target
// and the last sync are in it. Both sides share the processors, so the rate is that of both together.
//
// `--with PATH` runs another program in turns with this one: aria2c, or any other build of rawswarm, for a
// comparison of two of them. A figure of a busy machine is good for that at best.
//
// Each side has a budget of memory of its own. Image, target and, of real content, the image's used bytes are
// in memory as well.
//
// Needs root. Everything is made in namespaces of its own, and removed with the bench, however it ends.
#include "base/parse_size.hpp"
#include "tests/bench/swarm/real_content.hpp"
#include "tests/bench/transfer/call_counts.hpp"
#include "tests/bench/transfer/floor.hpp"
#include "tests/bench/transfer/transfer_program.hpp"
#include "tests/bench/transfer/transfer_run.hpp"
#include "tests/bench/transfer/transfer_table.hpp"
#include "tests/support/base/isolation.hpp"
#include "tests/support/base/temp_dir.hpp"
#include "tests/support/base/throw_errno.hpp"
#include "tests/support/network/own_network.hpp"
#include "tests/support/program/rawswarm_program.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <sys/mount.h>
#include <unistd.h>

namespace rawswarm::bench
{

namespace
{

constexpr std::int64_t mebibyte = 1024 * 1024;
constexpr std::int64_t largest_mib = 65536;

struct options
{
	std::string size = "2G";
	std::string target = "tmpfs";
	std::string content = "random";
	std::string memory = "256M";
	std::vector<std::string> with; // paths
	int runs = 3;
	int piece_size = 1024 * 1024; // bytes
	bool with_others = false;
	bool no_calls = false;
};

using programs = std::vector<std::unique_ptr<transfer_program>>;

programs make_programs(options const& o)
{
	programs made;
	made.push_back(make_rawswarm_transfer(test::rawswarm_command({}).argv.front(), "rawswarm"));
	auto paths = o.with;
	if (o.with_others)
	{
		paths.emplace_back("aria2c");
	}
	for (auto const& path : paths)
	{
		auto const name = std::filesystem::path(path).filename().string();
		if (!std::filesystem::exists(path) && !test::program_exists(path))
		{
			fmt::print("{} is not installed (toolchain/packages/bench.txt)\n", path);
		}
		else if (name == "aria2c")
		{
			made.push_back(make_aria2_transfer(path));
		}
		else
		{
			made.push_back(make_rawswarm_transfer(path, fmt::format("{} ({})", name, made.size())));
		}
	}
	return made;
}

class bench_run
{
public:
	bench_run(options const& o, room_content const& content, std::string const& folder)
		: m_options(o)
		, m_content(content)
		, m_target(folder, static_cast<std::uint64_t>(content.device_bytes), o.target == "loop")
		, m_programs(make_programs(o))
	{
		std::erase_if(m_programs, [&](auto const& program) {
			auto const reason = program->refusal(m_target);
			if (!reason.empty())
			{
				fmt::print("{} is left out: {}\n", program->name(), reason);
			}
			return !reason.empty();
		});
	}

	// False: a target was not as it has to be.
	bool run()
	{
		std::vector<transfer_row> rows;
		for (auto const& program : m_programs)
		{
			rows.push_back({program->name(), {}, {}});
		}
		for (int i = 0; i < m_options.runs; ++i)
		{
			for (std::size_t p = 0; p < rows.size(); ++p)
			{
				prepared(
					[&](transfer_task const& t) { rows[p].runs.push_back(run_transfer(*m_programs[p], t)); });
			}
		}
		print_rates(rows, m_content.bytes);
		print_threads(rows, m_content.bytes);
		run_floor();
		run_calls(rows);
		return std::ranges::all_of(
			rows, [](auto const& row) { return std::ranges::all_of(row.runs, &transfer::is_right); });
	}

private:
	template <class Work>
	void prepared(Work const& work) const
	{
		test::temp_dir const folder;
		m_target.clear();
		work(transfer_task{m_content, m_target, folder.path().string(), m_options.memory});
	}

	void run_floor() const
	{
		auto const bytes = static_cast<std::uint64_t>(m_content.bytes / mebibyte * mebibyte);
		m_target.clear();
		print_floor(measure_floor(m_content.payload, bytes, m_target), bytes);
	}

	void run_calls(std::vector<transfer_row>& rows) const
	{
		if (m_options.no_calls || !test::program_exists("strace"))
		{
			return;
		}
		for (std::size_t p = 0; p < rows.size(); ++p)
		{
			prepared([&](transfer_task const& t) { rows[p].calls = count_calls(*m_programs[p], t); });
		}
		print_calls(rows, m_content.bytes);
	}

	options const& m_options;
	room_content const& m_content;
	transfer_target m_target;
	programs m_programs;
};

// /proc still shows the processes outside, by other numbers.
void show_our_processes()
{
	if (::mount("proc", "/proc", "proc", 0, nullptr) != 0)
	{
		test::throw_errno("mounting /proc");
	}
}

// packages: their folder, if the content is real
int run_all(options const& o, int const mib, std::filesystem::path const& packages)
{
	show_our_processes();
	test::own_network const network;
	test::temp_dir const folder;
	content_settings const settings{folder.path().string(), mib, o.piece_size};
	auto const content = o.content == "real" ? real_content(packages, settings) : random_content(settings);
	fmt::print("image {:.1f} MiB ({}) on {}, pieces {} KiB, memory {} each, {} processors, medians of {}\n",
		double(content.bytes) / double(mebibyte), o.content, o.target, o.piece_size / 1024, o.memory,
		std::max(1U, std::thread::hardware_concurrency()), o.runs);
	return bench_run(o, content, folder.path().string()).run() ? 0 : 1;
}

std::string check_size(std::string const& text)
{
	auto const bytes = parse_size(text).value_or(0);
	bool const is_right = bytes > 0 && bytes % mebibyte == 0 && bytes / mebibyte <= largest_mib;
	return is_right ? "" : fmt::format("{}: whole mebibytes, at most {}", text, largest_mib);
}

int run(int const argc, char const* const* const argv)
{
	options o;
	CLI::App app("What an image costs from one process to another");
	app.add_option("--size", o.size, "The image's, such as 512M")->check(check_size);
	app.add_option("--target", o.target, "tmpfs: a file in memory; loop: a block device over one")
		->check(CLI::IsMember({"tmpfs", "loop"}));
	app.add_option("--content", o.content, "random, or real: a file system with files of Debian packages")
		->check(CLI::IsMember({"random", "real"}));
	app.add_option("--runs", o.runs, "So often each")->check(CLI::Range(1, 100));
	app.add_option("--memory", o.memory, "The budget of either side");
	app.add_option("--piece-size", o.piece_size, "Bytes");
	app.add_option("--with", o.with, "Another program as well: aria2c, or a build of rawswarm")
		->allow_extra_args(false);
	app.add_flag("--with-others", o.with_others, "aria2 as well, where it is installed");
	app.add_flag(
		"--no-calls", o.no_calls, "Without the run that counts system calls, which strace makes slow");
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
		std::fprintf(stderr, "transfer: needs root, for a network namespace\n");
		return 2;
	}
	auto const mib = static_cast<int>(parse_size(o.size).value_or(0) / mebibyte);
	// before there is no network any more
	auto const packages = o.content == "real" ? unpacked_packages() : std::filesystem::path();
	return test::run_isolated([&] { return run_all(o, mib, packages); });
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
		std::fprintf(stderr, "transfer: %s\n", e.what());
		return 1;
	}
}
