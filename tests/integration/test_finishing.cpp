// SPDX-License-Identifier: BSD-3-Clause
// The programs that a job runs once its images are on their disks.
#include "tests/support/base/random_bytes.hpp"
#include "tests/support/base/wait_until.hpp"
#include "tests/support/network/beacon_listener.hpp"
#include "tests/support/program/prepared_image.hpp"
#include "tests/support/program/rawswarm_program.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <csignal>
#include <filesystem>

namespace rawswarm::test
{

namespace
{

using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr std::uint64_t mib = 1024 * 1024;

// A job that puts a small image on an image file.
class finishing : public ::testing::Test
{
protected:
	finishing()
		: m_image(prepared_image({torrent_file{0, random_bytes(1, mib)}}))
		, m_seeder(m_image.torrent_path, m_image.source_path)
		, m_job(loopback_job({m_seeder.port()}))
	{
		write_sparse_file(m_dir / "target.img", mib);
		m_job["targets"].push_back(image_target(m_image.torrent_path, m_dir / "target.img"));
	}

	void add_step(std::string const& script, int const timeout = 20)
	{
		m_job["after"].push_back({{"exec", {"sh", "-c", script}}, {"timeout_seconds", timeout}});
	}

	temp_dir m_dir;
	prepared_image m_image;
	seeding_agent m_seeder;
	nlohmann::json m_job;
};

} // namespace

TEST_F(finishing, programs_run_one_behind_the_other_once_the_image_is_whole)
{
	m_job["name"] = "lab-3";
	auto const log = m_dir / "steps";
	add_step("sha1sum < \"$RAWSWARM_DEVICE\" > " + log);
	add_step("echo \"$RAWSWARM_JOB $RAWSWARM_DEVICES\" >> " + log + "; echo said to the log");
	auto const result = run_job(m_dir, m_job);
	ASSERT_TRUE(exits_with(result, exit_code::done));
	auto const sum = run_checked({"sh", "-c", "head -c 1048576 \"$0\" | sha1sum", m_image.source_path});
	EXPECT_EQ(read_file(log), sum + "\nlab-3 " + (m_dir / "target.img") + "\n");
	EXPECT_NE(result.err.find("sh: said to the log"), std::string::npos) << result.err;
}

TEST_F(finishing, program_that_fails_is_the_failure_of_the_job_and_the_last)
{
	add_step("echo no such asset >&2; exit 3");
	add_step("touch " + (m_dir / "second"));
	auto const result = run_job(m_dir, m_job);
	EXPECT_TRUE(exits_with(result, exit_code::internal));
	EXPECT_NE(result.err.find("running sh: exit code 3: no such asset"), std::string::npos) << result.err;
	EXPECT_FALSE(fs::exists(m_dir / "second"));
}

TEST_F(finishing, program_that_does_not_end_is_ended_with_all_that_it_started)
{
	add_step("sleep 600 & echo $! > " + (m_dir / "child") + "; wait", 1);
	auto const started = std::chrono::steady_clock::now();
	auto const result = run_job(m_dir, m_job);
	EXPECT_TRUE(exits_with(result, exit_code::internal));
	EXPECT_NE(result.err.find("running sh: it had not ended after 1 seconds"), std::string::npos)
		<< result.err;
	EXPECT_LT(std::chrono::steady_clock::now() - started, 20s);
	auto const child = std::stoi(read_file(m_dir / "child"));
	EXPECT_FALSE(fs::exists("/proc/" + std::to_string(child) + "/fd/0")) << "it is gone, or a zombie";
}

TEST_F(finishing, program_that_does_not_exist_is_refused_before_the_first_byte)
{
	m_job["after"] = {{{"exec", {"/no/such/program"}}}};
	auto const before = read_file(m_dir / "target.img");
	auto const result = run_job(m_dir, m_job);
	EXPECT_TRUE(exits_with(result, exit_code::refused));
	EXPECT_NE(result.err.find("running /no/such/program: there is no such program"), std::string::npos)
		<< result.err;
	EXPECT_EQ(read_file(m_dir / "target.img"), before);
}

TEST_F(finishing, signal_ends_the_program_that_runs)
{
	add_step("touch " + (m_dir / "runs") + "; sleep 600", 700);
	child_process agent(run_command(m_dir, m_job));
	ASSERT_TRUE(wait_until([&] { return fs::exists(m_dir / "runs"); })) << agent.err();
	agent.signal(SIGTERM);
	EXPECT_TRUE(exits_with(agent, 128 + SIGTERM));
}

TEST_F(finishing, beacons_tell_it_and_are_done_only_after_it)
{
	beacon_listener const listener;
	m_job["beacon"] = {{"to", {listener.address()}}, {"interval_ms", 100}};
	add_step("sleep 2");
	child_process agent(run_command(m_dir, m_job));
	EXPECT_TRUE(listener.wait_for_state("finishing", 20s));
	EXPECT_TRUE(agent.running());
	EXPECT_TRUE(listener.wait_for_state("done", 20s));
	EXPECT_TRUE(exits_with(agent, exit_code::done));
}

} // namespace rawswarm::test
