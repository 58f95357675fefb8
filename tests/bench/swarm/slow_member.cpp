// SPDX-License-Identifier: BSD-3-Clause
#include "tests/bench/swarm/slow_member.hpp"

#include "tests/bench/swarm/measurement.hpp"
#include "tests/support/base/median.hpp"
#include "tests/support/base/temp_dir.hpp"
#include "tests/support/device/fuse_disk.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <thread>
#include <vector>

namespace rawswarm::bench
{

namespace
{

// 16 KiB in 10 milliseconds: 1.6 MB per second.
struct slow_writes final : test::fuse_behaviour
{
	void on_written(std::uint64_t, std::span<char> const kept) override
	{
		constexpr std::size_t step = 16 * 1024;
		std::this_thread::sleep_for(
			std::chrono::milliseconds(10) * std::max<std::size_t>(1, kept.size() / step));
	}
};

struct outcome
{
	double others = 0; // seconds until the last of them had the image
	double slow = 0; // seconds until the slow one had it
	bool is_right = false;
};

outcome run_once(slow_member_run const& run, room_content const& content,
	std::function<std::unique_ptr<contender>(task const&)> const& make, bool const with_slow)
{
	auto const slow_host = static_cast<std::size_t>(run.clients);
	room hosts(slow_host + 1, run.mbit);
	test::temp_dir const folder;
	task const t{hosts, content, folder.path().string(), run.memory, run.logs, run.compress, 0};
	auto const program = make(t);
	slow_writes behaviour;
	std::optional<test::fuse_disk> disk;
	if (with_slow && run.part == slow_part::link)
	{
		hosts.set_rate(slow_host, std::max(1, run.mbit / 10));
	}
	if (with_slow && run.part == slow_part::disk)
	{
		disk.emplace(static_cast<std::uint64_t>(content.device_bytes), behaviour);
		std::filesystem::create_symlink(disk->file(), program->target(slow_host));
	}
	double const ideal = double(content.bytes) * 8 / (run.mbit * 1e6);
	auto const limit = std::chrono::seconds(static_cast<int>(ideal * (run.clients + 12)) + 60);
	auto const m = measure(*program, t, limit);
	auto const seconds = [&](std::size_t const host) { return m.hosts[host].seconds; };
	outcome o{0, seconds(slow_host), m.is_right()};
	for (std::size_t i = 1; i < slow_host; ++i)
	{
		o.others = std::max(o.others, seconds(i));
	}
	return o;
}

} // namespace

bool compare_with_slow_member(slow_member_run const& run, room_content const& content,
	std::function<std::unique_ptr<contender>(task const&)> const& make)
{
	fmt::print("\n{} clients at {} Mbit/s, the last one with a slow {}. Seconds until the last of the others "
			   "had all:\n{:>10} {:>10} {:>12}\n",
		run.clients, run.mbit, run.part == slow_part::link ? "link" : "disk", "all alike", "with slow",
		"(slow one)");
	std::vector<double> alike;
	std::vector<double> with_slow;
	bool right = true;
	for (int i = 0; i < run.rounds; ++i)
	{
		auto const a = run_once(run, content, make, false);
		auto const b = run_once(run, content, make, true);
		alike.push_back(a.others);
		with_slow.push_back(b.others);
		right = right && a.is_right && b.is_right;
		fmt::print("{:>10.2f} {:>10.2f} {:>12.2f}{}\n", a.others, b.others, b.slow,
			a.is_right && b.is_right ? "" : "  WRONG CONTENT");
		std::fflush(stdout);
	}
	fmt::print("medians {:.2f} and {:.2f}: {:.3f}\n", test::median(alike), test::median(with_slow),
		test::median(with_slow) / test::median(alike));
	return right;
}

} // namespace rawswarm::bench
