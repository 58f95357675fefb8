// SPDX-License-Identifier: BSD-3-Clause
// The report of a job that is over, sent to a server before the machine goes on.
#include "tests/support/base/skip.hpp"
#include "tests/support/network/free_port.hpp"
#include "tests/support/network/loopback_server.hpp"
#include "tests/support/program/prepared_image.hpp"
#include "tests/support/program/rawswarm_program.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <csignal>

namespace rawswarm::test
{

namespace
{

constexpr std::chrono::seconds patience{25};

class reports : public ::testing::Test
{
protected:
	reports()
		: m_image(extent_layout{.count = 20})
	{}

	// A target that already holds the image needs no peer.
	nlohmann::json good_job(std::string const& report) const
	{
		auto const target = m_image.dir / "target.img";
		write_file(target, read_file(m_image.source_path));
		auto job = loopback_job();
		job["targets"].push_back(image_target(m_image.torrent_path, target));
		job["targets"][0]["existing"] = "verify";
		job["report"] = {{"to", report}};
		return job;
	}

	static std::string at(std::uint16_t const port)
	{
		return fmt::format("http://127.0.0.1:{}/report/0f1e", port);
	}

	prepared_image m_image;
};

} // namespace

TEST_F(reports, reach_a_server_that_was_restarting_before_the_machine_reboots)
{
	SKIP_WITHOUT_ROOT();
	auto const port = free_port();
	auto job = good_job(at(port));
	job["on_success"] = "reboot";
	auto command = run_command(m_image.dir, job);
	command.argv.insert(command.argv.begin(), {"unshare", "--pid", "--fork", "--kill-child", "--"});
	child_process child(command);
	ASSERT_TRUE(child.wait_for_text("trying again", patience)) << child.err();
	EXPECT_TRUE(child.running()) << "it is not to boot before somebody knows that it is done";
	loopback_server const server(always(empty_reply("204 No Content")), port);
	EXPECT_EQ(child.wait(patience), 128 + SIGHUP) << child.err();
	auto const requests = server.requests();
	ASSERT_EQ(requests.size(), 1U);
	EXPECT_EQ(requests[0].target(), "/report/0f1e");
	auto const report = nlohmann::json::parse(requests[0].body());
	EXPECT_EQ(report["state"], "done");
	EXPECT_EQ(report["exit_code"], 0);
	EXPECT_EQ(report["targets"][0]["synced"], report["targets"][0]["total"]);
}

TEST_F(reports, tell_a_failure_with_its_reason)
{
	loopback_server const server(always(ok_reply("")));
	auto job = good_job(server.url("/report/0f1e"));
	job["targets"][0]["device"] = "/dev/rawswarm-is-not-there";
	EXPECT_TRUE(exits_with(run_job(m_image.dir, job), exit_code::target));
	auto const requests = server.requests();
	ASSERT_EQ(requests.size(), 1U);
	auto const report = nlohmann::json::parse(requests[0].body());
	EXPECT_EQ(report["state"], "failed");
	EXPECT_EQ(report["error"]["code"], 4);
	EXPECT_NE(report["error"]["text"].get<std::string>().find("rawswarm-is-not-there"), std::string::npos);
}

TEST_F(reports, that_nobody_takes_are_a_note_and_the_job_is_done)
{
	loopback_server const server(always(empty_reply("404 Not Found")));
	auto command = run_command(m_image.dir, good_job(server.url("/report/0f1e")));
	command.argv.emplace_back("--json");
	auto const result = run(command);
	EXPECT_TRUE(exits_with(result, exit_code::done));
	EXPECT_EQ(nlohmann::json::parse(result.out)["report"]["error"],
		"posting to " + server.url("/report/0f1e") + ": the server answered 404 Not Found");
	EXPECT_EQ(server.requests().size(), 1U);
}

TEST_F(reports, are_not_waited_for_after_a_signal_and_whoever_sent_it_decides)
{
	auto job = good_job(at(free_port()));
	job["on_success"] = {{"exec", {"sh", "-c", "exit 42"}}};
	child_process child(run_command(m_image.dir, job));
	ASSERT_TRUE(child.wait_for_text("trying again", patience)) << child.err();
	child.signal(SIGTERM);
	EXPECT_TRUE(exits_with(child, exit_code::terminated));
}

} // namespace rawswarm::test
