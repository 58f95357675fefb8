// SPDX-License-Identifier: BSD-3-Clause
// Each peer takes a descriptor, and shells give 256 or 1024 of them: an agent takes what it may have.
#include "tests/support/base/wait_until.hpp"
#include "tests/support/network/free_port.hpp"
#include "tests/support/program/prepared_image.hpp"
#include "tests/support/program/rawswarm_program.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace rawswarm::test
{

namespace
{

using namespace std::chrono_literals;

// "Max open files            4096                 4096                 files"
std::vector<std::string> open_files_of(pid_t const process)
{
	std::ifstream limits(fmt::format("/proc/{}/limits", process));
	for (std::string line; std::getline(limits, line);)
	{
		if (line.starts_with("Max open files"))
		{
			std::istringstream words(line.substr(std::string_view("Max open files").size()));
			std::string soft;
			std::string hard;
			words >> soft >> hard;
			return {soft, hard};
		}
	}
	return {};
}

// has_guard: its work is done by a child.
void expect_raised(std::vector<std::string> const& arguments, bool const has_guard = true)
{
	auto command = rawswarm_command(arguments);
	command.argv = {"sh", "-c", fmt::format("ulimit -Sn 256; exec '{}'", fmt::join(command.argv, "' '"))};
	child_process agent(command);
	EXPECT_TRUE(wait_until([&] {
		auto const worker = worker_of(agent);
		if (has_guard && worker == agent.pid())
		{
			return !agent.running();
		}
		auto const limits = open_files_of(worker);
		return !agent.running() || (limits.size() == 2 && limits[0] == limits[1] && limits[0] != "256");
	}));
	ASSERT_TRUE(agent.running()) << agent.err();
	if (has_guard)
	{
		auto const limits = open_files_of(agent.pid());
		ASSERT_EQ(limits.size(), 2U);
		EXPECT_EQ(limits[0], "256") << "what takes its place at the end gets another limit";
	}
}

} // namespace

TEST(descriptor_limit, of_run_is_what_the_system_allows)
{
	prepared_image const image(extent_layout{.count = 20});
	auto job = loopback_job();
	job["targets"].push_back(image_target(image.torrent_path, image.dir / "disk.img"));
	std::ofstream(image.dir / "job.json") << job.dump();
	expect_raised({"run", image.dir / "job.json"});
}

TEST(descriptor_limit, of_seed_is_what_the_system_allows)
{
	prepared_image const image(extent_layout{.count = 20});
	expect_raised({"seed", image.torrent_path, image.source_path, "--listen", "127.0.0.1:0", "--no-lsd"});
}

TEST(descriptor_limit, of_a_watcher_with_a_page_is_what_the_system_allows)
{
	expect_raised({"watch", "--plain", "--listen", fmt::format("127.0.0.1:{}", free_port()), "--http",
					  fmt::format("127.0.0.1:{}", free_port())},
		false);
}

} // namespace rawswarm::test
