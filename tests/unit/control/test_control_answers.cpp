// SPDX-License-Identifier: BSD-3-Clause
#include "agent/control/control_answers.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <csignal>
#include <string>

namespace rawswarm
{
namespace
{

using nlohmann::json;

constexpr std::int64_t gib = 1024 * 1024 * 1024;

target_progress downloading(std::string const& device)
{
	target_progress t;
	t.device = device;
	t.info_hash = std::string(40, '9');
	t.state = job_state::downloading;
	t.total = 4 * gib;
	t.done = gib;
	t.down = gib / 8;
	t.up = 7;
	t.peers = 2;
	t.eta_s = 24;
	t.note = "waiting";
	return t;
}

status_report report()
{
	status_report r;
	r.process = 4711;
	r.job = "lab-3";
	r.levels.all = log::level::info;
	r.levels.own.at(static_cast<std::size_t>(log::component::storage)) = log::level::debug;
	r.now.state = job_state::downloading;
	r.now.uptime = std::chrono::milliseconds(41'200);
	r.now.targets = {downloading("/dev/sda1"), downloading("/dev/sdb")};
	r.now.targets[0].note.clear();
	r.now.targets[1].state = job_state::failed;
	r.now.targets[1].error = "writing /dev/sdb: \x1bInput/output error";
	r.now.storage.flushes.age = 3;
	r.now.storage.pool_blocks = 4096;
	peer_progress p;
	p.address = "10.0.0.2:6881";
	p.client = "\xff";
	p.down = 100;
	p.done = 0.25;
	p.is_serving = true;
	r.peers = {{0, {p}}};
	return r;
}

TEST(control_answers, status_for_a_person_has_what_the_bar_shows_of_each_target)
{
	EXPECT_EQ(status_as_text(report()),
		"process 4711, job lab-3, up 41s: downloading\n"
		"  /dev/sda1: downloading 25.0%  1.0 GiB of 4.0 GiB  128.0 MiB/s in, 7 B/s out, 0 B/s to disk  2 "
		"peers  24s left\n"
		"  /dev/sdb: failed: writing /dev/sdb: ?Input/output error\n");
}

TEST(control_answers, job_without_a_name_and_names_that_would_drive_the_terminal_are_shown_all_the_same)
{
	auto r = report();
	r.job.clear();
	r.now.targets.resize(1);
	r.now.targets[0].device = "/dev/\x1b[31m";
	EXPECT_TRUE(status_as_text(r).starts_with("process 4711, up 41s: downloading\n  /dev/?[31m: "));
}

TEST(control_answers, status_has_every_count_rate_and_peer)
{
	auto const line = status_line(report(), false);
	EXPECT_TRUE(std::ranges::all_of(line, [](char const c) { return c == '\n' || (c >= ' ' && c < 127); }));
	auto const j = json::parse(line);
	EXPECT_EQ(j.at("version"), 1);
	EXPECT_EQ(j.at("pid"), 4711);
	EXPECT_EQ(j.at("job"), "lab-3");
	EXPECT_EQ(j.at("state"), "downloading");
	EXPECT_EQ(j.at("elapsed_ms"), 41'200);
	EXPECT_EQ(j.at("log").at("storage"), "debug");
	EXPECT_EQ(j.at("log").at("fetch"), "info");
	auto const first = j.at("targets").at(0);
	EXPECT_EQ(first.at("down"), gib / 8);
	EXPECT_EQ(first.at("up"), 7);
	EXPECT_EQ(first.at("peers"), 2);
	EXPECT_EQ(first.at("eta_s"), 24);
	EXPECT_FALSE(first.contains("note"));
	auto const peer = first.at("peer_list").at(0);
	EXPECT_EQ(peer.at("address"), "10.0.0.2:6881");
	EXPECT_EQ(peer.at("down"), 100);
	EXPECT_EQ(peer.at("done"), 0.25);
	EXPECT_EQ(peer.at("serves"), true);
	EXPECT_EQ(peer.at("wants"), false);
	EXPECT_EQ(j.at("targets").at(1).at("peer_list"), json::array());
	EXPECT_EQ(j.at("targets").at(1).at("note"), "waiting");
	EXPECT_EQ(j.at("storage").at("flushes").at("age"), 3);
	EXPECT_EQ(j.at("storage").at("pool_blocks"), 4096);
	EXPECT_FALSE(j.contains("error"));
}

TEST(control_answers, end_says_the_code_and_why)
{
	progress last;
	last.state = job_state::failed;
	last.error = progress_error{128 + SIGTERM, "stopped by SIGTERM"};
	auto const j = json::parse(ended_line(4711, last, 128 + SIGTERM));
	EXPECT_EQ(j, json::parse(R"({"version":1,"pid":4711,"state":"failed","exit_code":143,
			"error":{"code":143,"text":"stopped by SIGTERM"}})"));
}

} // namespace
} // namespace rawswarm
