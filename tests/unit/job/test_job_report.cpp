// SPDX-License-Identifier: BSD-3-Clause
#include "agent/beacon/report_mac.hpp"
#include "agent/job/job_report.hpp"
#include "base/unique_fd.hpp"
#include "tests/support/base/temp_dir.hpp"
#include "tests/support/base/value_of.hpp"
#include "tests/support/network/loopback_server.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <array>
#include <chrono>
#include <csignal>
#include <string>

#include <unistd.h>

namespace rawswarm
{

namespace
{

using nlohmann::json;
using test::always;
using test::empty_reply;
using test::loopback_server;
using test::ok_reply;
using test::value_of;

class job_report : public ::testing::Test
{
protected:
	job_report()
	{
		std::array<int, 2> ends{};
		EXPECT_EQ(::pipe(ends.data()), 0);
		m_signals = unique_fd(ends[0]);
		m_sender = unique_fd(ends[1]);
		m_outcome.last.state = job_state::done;
		m_outcome.last.targets.emplace_back().device = "/dev/sda";
	}

	void send_to(std::string const& at)
	{
		m_job.report = value_of(parse_url(at));
		send_report(m_job, m_signals.get(), m_outcome);
	}

	void raise(char const signal) { EXPECT_EQ(::write(m_sender.get(), &signal, 1), 1); }

	manifest m_job;
	job_outcome m_outcome;
	unique_fd m_signals;
	unique_fd m_sender;
};

} // namespace

TEST_F(job_report, is_what_json_prints)
{
	loopback_server const server(always(empty_reply("204 No Content")));
	send_to(server.url("/report/0f1e"));
	EXPECT_EQ(m_outcome.report_failure, "");
	auto const requests = server.requests();
	ASSERT_EQ(requests.size(), 1U);
	auto const sent = json::parse(requests[0].body());
	EXPECT_EQ(sent["state"], "done");
	EXPECT_EQ(sent["exit_code"], 0);
	EXPECT_EQ(sent["targets"][0]["device"], "/dev/sda");
	EXPECT_EQ(requests[0]["Content-Type"], "application/json");
	EXPECT_EQ(requests[0].count("Authorization"), 0U);
}

TEST_F(job_report, is_signed_with_the_key_of_the_beacons)
{
	test::temp_dir const dir;
	test::write_file(dir / "key", "secret\n");
	m_job.beacon.key_file = dir / "key";
	loopback_server const server(always(ok_reply("")));
	send_to(server.url("/report/0f1e"));
	auto const requests = server.requests();
	ASSERT_EQ(requests.size(), 1U);
	EXPECT_TRUE(report_is_authentic(
		std::string(requests[0]["Authorization"]), "/report/0f1e", requests[0].body(), "secret"));
}

TEST_F(job_report, keeps_within_its_limit_and_loses_the_targets_first)
{
	m_outcome.exit_code = 5;
	m_outcome.last.state = job_state::failed;
	m_outcome.last.error = progress_error{5, std::string(100'000, '\x01')};
	m_outcome.last.targets[0].notes.emplace_back(100'000, 'x');
	loopback_server const server(always(ok_reply("")));
	send_to(server.url("/"));
	auto const requests = server.requests();
	ASSERT_EQ(requests.size(), 1U);
	EXPECT_LE(requests[0].body().size(), 64U * 1024);
	auto const sent = json::parse(requests[0].body());
	EXPECT_EQ(sent["exit_code"], 5);
	EXPECT_EQ(sent["error"]["code"], 5);
	EXPECT_TRUE(sent["targets"].empty());
}

TEST_F(job_report, that_is_refused_is_a_note_and_no_failure)
{
	loopback_server const server(always(empty_reply("404 Not Found")));
	send_to(server.url("/report/x"));
	EXPECT_EQ(m_outcome.exit_code, 0);
	EXPECT_EQ(m_outcome.report_failure,
		"posting to " + server.url("/report/x") + ": the server answered 404 Not Found");
	EXPECT_EQ(server.requests().size(), 1U);
}

TEST_F(job_report, ends_at_a_signal_which_stops_the_job)
{
	test::silent_server const server;
	raise(SIGTERM);
	auto const begin = std::chrono::steady_clock::now();
	send_to("http://127.0.0.1:" + std::to_string(server.port()) + "/");
	EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
	EXPECT_EQ(m_outcome.exit_code, 143);
	EXPECT_TRUE(m_outcome.report_failure.ends_with("SIGTERM")) << m_outcome.report_failure;
}

TEST_F(job_report, of_a_failure_stays_one_at_a_signal)
{
	test::silent_server const server;
	m_outcome.exit_code = 5;
	raise(SIGINT);
	send_to("http://127.0.0.1:" + std::to_string(server.port()) + "/");
	EXPECT_EQ(m_outcome.exit_code, 5);
}

TEST_F(job_report, is_not_sent_without_the_key_that_is_to_sign_it)
{
	loopback_server const server(always(ok_reply("")));
	m_job.beacon.key_file = "/rawswarm/is/not/there";
	send_to(server.url("/"));
	EXPECT_NE(m_outcome.report_failure.find("/rawswarm/is/not/there"), std::string::npos);
	EXPECT_TRUE(server.requests().empty());
}

} // namespace rawswarm
