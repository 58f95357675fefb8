// SPDX-License-Identifier: BSD-3-Clause
// Machines that have too little of something: memory, and space in /run.
#include "tests/support/base/random_bytes.hpp"
#include "tests/support/base/skip.hpp"
#include "tests/support/network/loopback_server.hpp"
#include "tests/support/program/memory_group.hpp"
#include "tests/support/program/own_run.hpp"
#include "tests/support/program/prepared_image.hpp"
#include "tests/support/program/rawswarm_program.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace rawswarm::test
{

namespace
{

using namespace std::chrono_literals;

constexpr std::uint64_t mib = 1024 * 1024;

prepared_image image_of(std::uint64_t const size)
{
	std::vector<torrent_file> files(1);
	files.front().bytes = random_bytes(1, size);
	return prepared_image(std::move(files), {.piece_size = static_cast<int>(mib)});
}

// Leaves not a byte in /run, and so many files that may still be made.
own_run full_run(int const files_left)
{
	return own_run(fmt::format("mode=0755,size=4k,nr_inodes={}", files_left + 2)); // the root, and the next
}

} // namespace

// The job says that it may have more than there is. The kernel ends the process that has most: the one that
// works, and not the one that the user has started.
TEST(scarce_machine, out_of_memory_ends_the_job_with_137_and_the_next_one_goes_on_from_there)
{
	if (!memory_groups_available())
	{
		GTEST_SKIP() << "no control groups, or not root";
	}
	auto const image = image_of(160 * mib);
	seeding_agent const seeder(image.torrent_path, image.source_path);
	auto job = loopback_job({seeder.port()});
	job["targets"].push_back(image_target(image.torrent_path, image.dir / "target.img"));
	job["storage"] = {{"memory", "512M"}};
	{
		memory_group const group(64 * mib);
		auto const result = run(group.inside(run_command(image.dir, job)), 60s);
		EXPECT_TRUE(exits_with(result, exit_code::first_signal + 9));
		EXPECT_NE(result.err.find("the program was ended by signal 9"), std::string::npos) << result.err;
	}
	job["storage"] = {{"memory", "32M"}};
	job["targets"][0]["existing"] = "verify";
	EXPECT_TRUE(exits_with(run_job(image.dir, job, 60s), exit_code::done));
	EXPECT_TRUE(read_file(image.dir / "target.img").substr(0, 160 * mib)
		== read_file(image.source_path).substr(0, 160 * mib));
}

// The job and its torrent come by HTTP, and are kept in memory alone.
TEST(scarce_machine, job_is_done_where_run_is_full)
{
	SKIP_WITHOUT_ROOT();
	auto const image = image_of(4 * mib);
	seeding_agent const seeder(image.torrent_path, image.source_path);
	std::string job_text;
	loopback_server const server([&](http_request const& request) {
		return ok_reply(request.target() == "/job.json" ? job_text : read_file(image.torrent_path));
	});
	for (int const files_left : {0, 1})
	{
		auto const target = image.dir / fmt::format("target-{}.img", files_left);
		auto job = loopback_job({seeder.port()});
		job["targets"].push_back(image_target(server.url("/image.torrent"), target));
		job_text = job.dump();
		auto const scarce = full_run(files_left);
		child_options fill;
		fill.argv = {"sh", "-c", "head -c 4096 /dev/zero > /run/full; ! echo more >> /run/full"};
		ASSERT_TRUE(exits_with(run(scarce.inside(fill)), 0));
		auto const result = run(
			scarce.inside(rawswarm_command({"run", server.url("/job.json"), "--log", "agent=debug"})), 25s);
		EXPECT_TRUE(exits_with(result, exit_code::done));
		EXPECT_NE(result.err.find("no status, log or stop for this agent"), std::string::npos) << result.err;
		EXPECT_TRUE(read_file(target).substr(0, 4 * mib) == read_file(image.source_path).substr(0, 4 * mib));
	}
}

} // namespace rawswarm::test
