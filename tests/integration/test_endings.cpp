// SPDX-License-Identifier: BSD-3-Clause
// The end of an agent: on_success, on_failure, exec. The program runs in a PID namespace of its
// own, in which a reboot ends the first process with SIGHUP and a power-off with SIGINT (reboot(2));
// unshare(1) then ends in the same way.
#include "tests/support/base/skip.hpp"
#include "tests/support/device/device_content.hpp"
#include "tests/support/device/loop_device.hpp"
#include "tests/support/network/beacon_listener.hpp"
#include "tests/support/network/free_port.hpp"
#include "tests/support/network/listeners.hpp"
#include "tests/support/program/prepared_image.hpp"
#include "tests/support/program/rawswarm_program.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <csignal>

namespace rawswarm::test
{

namespace
{

class endings : public ::testing::Test
{
protected:
	endings()
		: m_image(extent_layout{.count = 20})
	{}

	// A target that already holds the image needs no peer.
	nlohmann::json good_job() const
	{
		auto const target = m_image.dir / "target.img";
		write_file(target, read_file(m_image.source_path));
		auto job = loopback_job();
		job["targets"].push_back(image_target(m_image.torrent_path, target));
		job["targets"][0]["existing"] = "verify";
		return job;
	}

	nlohmann::json bad_job() const
	{
		auto job = loopback_job();
		job["targets"].push_back(image_target(m_image.torrent_path, "/dev/rawswarm-is-not-there"));
		return job;
	}

	child_options command(nlohmann::json const& job, std::vector<std::string> const& more = {}) const
	{
		auto command = run_command(m_image.dir, job);
		command.argv.insert(command.argv.end(), more.begin(), more.end());
		return command;
	}

	// Runs it as the first process of a namespace. Returns 128 + the signal that the kernel ended it with.
	static int exit_code_in_namespace(child_options command)
	{
		command.argv.insert(command.argv.begin(), {"unshare", "--pid", "--fork", "--kill-child", "--"});
		child_process child(command);
		return child.wait(std::chrono::seconds(25)).value_or(-1);
	}

	prepared_image m_image;
};

} // namespace

TEST_F(endings, reboot_on_success_is_asked_of_the_kernel)
{
	SKIP_WITHOUT_ROOT();
	auto job = good_job();
	job["on_success"] = "reboot";
	EXPECT_EQ(exit_code_in_namespace(command(job)), 128 + SIGHUP);
}

TEST_F(endings, power_off_on_success_is_asked_of_the_kernel)
{
	SKIP_WITHOUT_ROOT();
	auto job = good_job();
	job["on_success"] = "poweroff";
	EXPECT_EQ(exit_code_in_namespace(command(job)), 128 + SIGINT);
}

TEST_F(endings, failure_has_an_ending_of_its_own)
{
	SKIP_WITHOUT_ROOT();
	auto job = bad_job();
	job["on_success"] = "poweroff";
	job["on_failure"] = "reboot";
	EXPECT_EQ(exit_code_in_namespace(command(job)), 128 + SIGHUP);
	job["on_failure"] = "poweroff";
	EXPECT_EQ(exit_code_in_namespace(command(job)), 128 + SIGINT);
	job["on_failure"] = "shell";
	EXPECT_EQ(exit_code_in_namespace(command(job)), exit_code::target);
	job["on_failure"] = "continue";
	EXPECT_EQ(exit_code_in_namespace(command(job)), exit_code::target);
}

TEST_F(endings, last_beacons_and_the_report_come_before_the_reboot)
{
	SKIP_WITHOUT_ROOT();
	beacon_listener const listener;
	auto job = good_job();
	job["on_success"] = "reboot";
	job["beacon"] = {{"to", {listener.address()}}};
	auto run = command(job, {"--json"});
	run.stdout_path = m_image.dir / "report.json";
	EXPECT_EQ(exit_code_in_namespace(run), 128 + SIGHUP);
	EXPECT_EQ(nlohmann::json::parse(read_file(m_image.dir / "report.json"))["exit_code"], 0);
	EXPECT_TRUE(listener.wait_for(
		[](nlohmann::json const& beacon) { return beacon["state"] == "done"; }, std::chrono::seconds(5)));
}

TEST_F(endings, program_takes_the_place_of_the_agent)
{
	auto job = good_job();
	job["on_success"] = {{"exec", {"sh", "-c", "echo \"$$ $0 $1\"; exit 42", "a b", "c"}}};
	child_process child(command(job));
	EXPECT_EQ(child.wait(std::chrono::seconds(25)), 42);
	EXPECT_EQ(child.out(), fmt::format("{} a b c\n", child.pid()));
}

TEST_F(endings, program_that_is_missing_is_an_error_that_names_it)
{
	auto job = good_job();
	job["on_success"] = {{"exec", {"/rawswarm/is/not/there"}}};
	auto const result = run_job(m_image.dir, job);
	EXPECT_TRUE(exits_with(result, 1));
	EXPECT_NE(result.err.find("starting /rawswarm/is/not/there: No such file"), std::string::npos)
		<< result.err;
}

TEST_F(endings, failed_job_starts_no_program)
{
	auto job = bad_job();
	job["on_success"] = {{"exec", {"sh", "-c", "exit 42"}}};
	EXPECT_TRUE(exits_with(run_job(m_image.dir, job), exit_code::target));
}

// Whoever stops the agent decides what comes next.
TEST_F(endings, stopped_job_takes_neither_ending)
{
	SKIP_WITHOUT_ROOT();
	auto job = loopback_job();
	job["targets"].push_back(image_target(m_image.torrent_path, m_image.dir / "new.img"));
	job["on_success"] = {{"exec", {"sh", "-c", "exit 42"}}};
	job["on_failure"] = "continue";
	child_process child(command(job));
	ASSERT_TRUE(child.wait_for_text("downloading", std::chrono::seconds(20)));
	child.signal(SIGTERM);
	EXPECT_TRUE(exits_with(child, exit_code::terminated));
}

TEST_F(endings, report_of_a_seeder_says_how_much_it_sent)
{
	auto const port = free_port();
	auto serving = loopback_job();
	serving["swarm"]["listen"] = loopback(port);
	serving["seed_until"] = {{"idle_seconds", 0}, {"ratio", 1}};
	auto source = image_target(m_image.torrent_path, m_image.source_path);
	source["role"] = "seed";
	serving["targets"].push_back(source);
	child_process seeder(command(serving, {"--json"}));
	ASSERT_TRUE(wait_for_listener(port, std::chrono::seconds(10))) << seeder.err();

	auto job = loopback_job({port});
	job["targets"].push_back(image_target(m_image.torrent_path, m_image.dir / "new.img"));
	ASSERT_TRUE(exits_with(run_job(m_image.dir, job), exit_code::done));
	ASSERT_TRUE(exits_with(seeder, exit_code::done));
	auto const report = nlohmann::json::parse(seeder.out());
	EXPECT_GE(report["targets"][0]["uploaded"], static_cast<std::int64_t>(total_size(m_image.torrent.files)));
}

TEST_F(endings, report_has_bytes_phases_rates_and_the_first_error)
{
	seeding_agent const seeder(m_image.torrent_path, m_image.source_path);
	auto job = loopback_job({seeder.port()});
	job["targets"].push_back(image_target(m_image.torrent_path, m_image.dir / "new.img"));
	auto const run = test::run(command(job, {"--json"}), std::chrono::seconds(25));
	ASSERT_TRUE(exits_with(run, exit_code::done));
	auto const report = nlohmann::json::parse(run.out);
	auto const total = static_cast<std::int64_t>(total_size(m_image.torrent.files));
	auto const& target = report["targets"][0];
	EXPECT_EQ(target["total"], total);
	EXPECT_EQ(target["synced"], total);
	EXPECT_GE(target["fetched"], total);
	EXPECT_EQ(target["device"], m_image.dir / "new.img");
	std::vector<std::string> states;
	for (auto const& phase : target["phases"])
	{
		states.push_back(phase["state"]);
		EXPECT_GE(phase["elapsed_ms"], 0);
	}
	EXPECT_EQ(states, (std::vector<std::string>{"planning", "downloading", "flushing", "seeding"}));

	auto const failed = test::run(command(bad_job(), {"--json"}), std::chrono::seconds(25));
	EXPECT_TRUE(exits_with(failed, exit_code::target));
	auto const error = nlohmann::json::parse(failed.out)["error"];
	EXPECT_EQ(error["code"], exit_code::target);
	EXPECT_NE(error["text"].get<std::string>().find("/dev/rawswarm-is-not-there"), std::string::npos);
}

} // namespace rawswarm::test
