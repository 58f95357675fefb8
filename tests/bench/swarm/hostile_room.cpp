// SPDX-License-Identifier: BSD-3-Clause
#include "tests/bench/swarm/hostile_room.hpp"

#include "tests/bench/swarm/measurement.hpp"
#include "tests/support/base/median.hpp"
#include "tests/support/base/temp_dir.hpp"
#include "tests/support/network/hostile_members.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <map>
#include <numeric>
#include <optional>
#include <vector>

namespace rawswarm::bench
{

namespace
{

using kind = std::optional<test::hostility>; // none: no hostile member

constexpr std::size_t members = 3;
constexpr std::uint16_t port = 6881; // of every agent (rawswarm_contender.cpp)

struct outcome
{
	double last = 0; // seconds until the last client had the image
	std::int64_t wire = 0; // bytes that the seeder sent
	bool is_right = false;
};

outcome run_once(hostile_room_run const& run, room_content const& content,
	std::function<std::unique_ptr<contender>(task const&)> const& make, kind const& how)
{
	auto const agents = static_cast<std::size_t>(run.clients) + 1;
	// the same hosts in each case, so that all is alike but for what some of them do
	room const hosts(agents + members, run.mbit);
	test::temp_dir const folder;
	task const t{hosts, content, folder.path().string(), run.memory, run.logs, run.compress, members};
	auto const program = make(t);
	std::optional<test::hostile_members> hostile;
	if (how)
	{
		test::hostile_plan plan{.how = *how,
			.hosts = std::vector<std::size_t>(members),
			.agents = std::vector<std::size_t>(agents),
			.port = port,
			.torrent = content.torrent,
			.image = content.payload,
			.folder = t.folder};
		std::iota(plan.agents.begin(), plan.agents.end(), std::size_t(0));
		std::iota(plan.hosts.begin(), plan.hosts.end(), agents);
		hostile.emplace(hosts, plan);
	}
	double const ideal = double(content.bytes) * 8 / (run.mbit * 1e6);
	auto const limit = std::chrono::seconds(static_cast<int>(ideal * (run.clients + 12)) + 60);
	auto const m = measure(*program, t, limit);
	return {m.last(), m.wire, m.is_right()};
}

char const* name_of(kind const& how)
{
	return how ? test::name_of(*how) : "none";
}

} // namespace

bool compare_with_hostile_members(hostile_room_run const& run, room_content const& content,
	std::function<std::unique_ptr<contender>(task const&)> const& make)
{
	fmt::print("\n{} clients at {} Mbit/s, {} hostile members. Seconds until the last client had all:\n",
		run.clients, run.mbit, members);
	std::vector<kind> kinds{{}};
	for (auto const how : test::every_hostility)
	{
		if (run.kind == "all" || run.kind == test::name_of(how))
		{
			kinds.emplace_back(how);
		}
	}
	std::map<kind, std::vector<double>> seconds;
	bool right = true;
	for (int i = 0; i < run.rounds; ++i)
	{
		for (auto const& how : kinds)
		{
			auto const o = run_once(run, content, make, how);
			seconds[how].push_back(o.last);
			right = right && o.is_right;
			fmt::print("{:<10} {:>8.2f}  {:.2f} images sent{}\n", name_of(how), o.last,
				double(o.wire) / double(content.bytes), o.is_right ? "" : "  WRONG CONTENT");
			std::fflush(stdout);
		}
	}
	auto const alone = test::median(seconds[{}]);
	for (auto const& how : kinds)
	{
		fmt::print("{:<10} median {:.2f}: {:.3f}\n", name_of(how), test::median(seconds[how]),
			test::median(seconds[how]) / alone);
	}
	return right;
}

} // namespace rawswarm::bench
