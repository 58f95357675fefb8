// SPDX-License-Identifier: BSD-3-Clause
#include "tests/support/program/disk_imaging.hpp"

#include "tests/support/program/rawswarm_program.hpp"

#include <gtest/gtest.h>

namespace rawswarm::test
{

run_result image_disk(temp_dir const& dir, std::string const& source, std::string const& disk,
	nlohmann::json const& keys, nlohmann::json const& of_job, std::vector<std::string> const& starter)
{
	auto const torrent = dir / "disk.torrent";
	EXPECT_TRUE(
		exits_with(run_rawswarm({"create", source, "-o", torrent, "--skip-zeros"}, std::chrono::seconds(60)),
			exit_code::done));
	seeding_agent const seeder(torrent, source);
	auto job = loopback_job({seeder.port()});
	job["targets"].push_back(image_target(torrent, disk));
	job["targets"][0].update(keys);
	job.update(of_job);
	auto command = run_command(dir, job);
	command.argv.emplace_back("--json");
	command.argv.insert(command.argv.begin(), starter.begin(), starter.end());
	return run(command);
}

} // namespace rawswarm::test
