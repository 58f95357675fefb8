// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/await_job.hpp"
#include "tests/support/base/temp_dir.hpp"
#include "tests/support/network/free_port.hpp"
#include "tests/support/network/loopback_server.hpp"

#include <gtest/gtest.h>

#include <atomic>

namespace rawswarm
{

namespace
{

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

constexpr auto job_text =
	R"({"version": 1, "name": "lab-3", "targets": [{"torrent": "a.torrent", "device": "/tmp/disk.img"}]})";

job_source from(std::string job)
{
	job_source source;
	source.job = std::move(job);
	return source;
}

struct outcome
{
	std::string text; // the job's name, or the error
	std::vector<std::string> waits;
	clock::duration took{};
};

outcome awaited(std::string const& job, std::chrono::seconds timeout, std::string const& boot_mac = {})
{
	outcome o;
	auto const begin = clock::now();
	auto const found =
		await_job(from(job), {timeout, boot_mac}, [&o](error const& e) { o.waits.push_back(e.text); });
	o.took = clock::now() - begin;
	o.text = found ? found.value().job.name : found.error().text;
	return o;
}

// Answers with the status for so many requests, then serves the job.
test::reply_maker busy_for(int requests, std::string const& status)
{
	auto const asked = std::make_shared<std::atomic<int>>(0);
	return [asked, requests, status](test::http_request const&) {
		return ++*asked > requests ? test::ok_reply(job_text) : test::empty_reply(status);
	};
}

} // namespace

TEST(await_job, a_job_that_is_there_comes_without_a_wait)
{
	test::loopback_server server(test::always(test::ok_reply(job_text)));
	auto const o = awaited(server.url("/job.json"), 10s);
	EXPECT_EQ(o.text, "lab-3");
	EXPECT_TRUE(o.waits.empty());
}

TEST(await_job, a_server_that_is_not_ready_is_asked_again)
{
	test::loopback_server server(busy_for(2, "503 Service Unavailable"));
	auto const o = awaited(server.url("/job.json"), 20s);
	EXPECT_EQ(o.text, "lab-3");
	EXPECT_EQ(server.requests().size(), 3u);
	ASSERT_EQ(o.waits.size(), 1u) << "the same reason is told once";
	EXPECT_NE(o.waits[0].find("503 Service Unavailable"), std::string::npos) << o.waits[0];
}

TEST(await_job, the_patience_of_the_boot_goes_on_for_what_the_job_names)
{
	test::loopback_server server(test::always(test::ok_reply(job_text)));
	auto const found = await_job(from(server.url("/job.json")), {7s, {}}, [](error const&) {});
	ASSERT_TRUE(found) << found.error().text;
	EXPECT_EQ(found.value().job.fetching.patience, 7s);
}

TEST(await_job, a_server_that_says_no_is_asked_once)
{
	test::loopback_server server(busy_for(1, "404 Not Found"));
	auto const o = awaited(server.url("/job.json"), 20s);
	EXPECT_NE(o.text.find("the server answered 404"), std::string::npos) << o.text;
	EXPECT_TRUE(o.waits.empty());
	EXPECT_EQ(server.requests().size(), 1u);
}

TEST(await_job, a_wrong_job_is_fetched_once)
{
	test::loopback_server server(test::always(test::ok_reply("{")));
	auto const o = awaited(server.url("/job.json"), 20s);
	EXPECT_NE(o.text.find("reading http://"), std::string::npos) << o.text;
	EXPECT_EQ(server.requests().size(), 1u);
}

TEST(await_job, nobody_at_the_server_ends_with_the_timeout_and_says_for_how_long)
{
	auto const url = "http://127.0.0.1:" + std::to_string(test::free_port()) + "/job.json";
	auto const o = awaited(url, 1s);
	EXPECT_NE(o.text.find("Connection refused (tried for 1 s)"), std::string::npos) << o.text;
	EXPECT_EQ(o.waits.size(), 1u);
	EXPECT_LT(o.took, 5s);
}

TEST(await_job, a_server_that_is_silent_does_not_outlast_the_timeout)
{
	test::silent_server server;
	auto const o = awaited("http://127.0.0.1:" + std::to_string(server.port()) + "/job.json", 2s);
	EXPECT_NE(o.text.find("(tried for 2 s)"), std::string::npos) << o.text;
	EXPECT_LT(o.took, 10s);
}

TEST(await_job, a_file_that_is_missing_is_not_waited_for)
{
	test::temp_dir const dir;
	auto const o = awaited(dir / "job.json", 20s);
	EXPECT_EQ(o.text, "opening " + (dir / "job.json") + ": No such file or directory");
	EXPECT_TRUE(o.waits.empty());
}

TEST(await_job, the_mac_of_the_job_is_that_of_the_booting_interface)
{
	test::loopback_server server(test::by_target({{"/52:54:00:ab:cd:ef.json", test::ok_reply(job_text)}}));
	EXPECT_EQ(awaited(server.url("/${mac}.json"), 10s, "52:54:00:ab:cd:ef").text, "lab-3");
}

TEST(await_job, who_it_was_fetched_for_comes_with_it)
{
	test::temp_dir const dir;
	test::write_file(dir / "job.json", job_text);
	auto const found = await_job(from(dir / "job.json"), {10s, "52:54:00:ab:cd:ef"}, [](error const&) {});
	ASSERT_TRUE(found) << found.error().text;
	EXPECT_EQ(found.value().self.mac, "52:54:00:ab:cd:ef");
}

} // namespace rawswarm
