// SPDX-License-Identifier: BSD-3-Clause
#include "agent/serve/machine_routes.hpp"
#include "agent/serve/report_intake.hpp"
#include "tests/support/base/text_of.hpp"
#include "tests/unit/room/room_sample.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace rawswarm
{
namespace
{

using boost::asio::ip::make_address;
using test::text_of;

class machine_route : public ::testing::Test
{
protected:
	machine_route()
		: m_folder(R"({ "version": 1, "name": "lab", "image": "a", "machines": {
			"pc-01": { "mac": "52:54:00:00:00:01" }, "pc-02": { "serial": "S 2" } } })")
	{
		test::write_file(m_folder / "boot/vmlinuz", "kernel");
		m_book = m_folder.open();
		m_routes = std::make_unique<machine_routes>(
			*m_book, [this](std::string const& hash) { m_wanted.push_back(hash); });
		EXPECT_EQ(text_of(m_routes->open()), "fine");
	}

	// The text, or the status if it is none of 200.
	std::string ask(std::string const& path, std::string const& query = {})
	{
		http_question question;
		question.path = path;
		question.query = query;
		question.host = "10.0.0.1";
		question.peer = make_address("10.0.0.9");
		question.local = make_address("10.0.0.1");
		auto const reply = m_routes->answer(question);
		if (!reply)
		{
			return "none";
		}
		return reply->status == 200 && reply->body ? *reply->body : std::to_string(reply->status);
	}

	test::sample_room m_folder;
	std::unique_ptr<room_book> m_book;
	std::unique_ptr<machine_routes> m_routes;
	std::vector<std::string> m_wanted;
};

TEST(server_addresses, are_those_by_which_the_machine_came)
{
	http_question question;
	question.host = "server.lan:8080";
	question.local = make_address("fd00::1");
	auto const named = address_for(question, {.http = 8080, .seed = 1, .beacons = 2});
	EXPECT_EQ(named.authority, "server.lan:8080");
	EXPECT_EQ(named.address, "[fd00::1]");
	EXPECT_EQ(named.seed_port, 1);
	EXPECT_EQ(named.beacon_port, 2);
	question.host = {};
	EXPECT_EQ(address_for(question, {.http = 8080}).authority, "[fd00::1]:8080");
	question.local = make_address("10.0.0.1");
	EXPECT_EQ(address_for(question, {}).authority, "10.0.0.1");
}

TEST_F(machine_route, a_machine_is_known_by_what_ipxe_says_of_it)
{
	EXPECT_NE(ask("/ipxe", "mac=52:54:00:00:00:01").find("jobs/52-54-00-00-00-01.json"), std::string::npos);
	EXPECT_NE(ask("/ipxe", "mac=52:54:00:00:00:0A&serial=S%202&uuid=").find("jobs/52-54-00-00-00-0a.json"),
		std::string::npos);
	EXPECT_EQ(m_book->records().at("52:54:00:00:00:0a").ip, "10.0.0.9");
}

TEST_F(machine_route, what_is_no_machine_boots_its_own_disk)
{
	for (auto const* const query : {"", "mac=", "mac=x", "serial=S%202", "mac=%zz", "mac=52:54:00:00:00:77"})
	{
		EXPECT_EQ(ask("/ipxe", query), "#!ipxe\nexit 1\n") << query;
	}
}

TEST_F(machine_route, a_job_opens_its_image_and_is_there_for_those_alone_that_have_one)
{
	EXPECT_NE(ask("/jobs/52-54-00-00-00-01.json").find("lab/pc-01/a"), std::string::npos);
	EXPECT_EQ(m_wanted, std::vector<std::string>{m_book->room().image("a")->info_hash});
	EXPECT_EQ(ask("/jobs/52-54-00-00-00-01.json.minisig"), "404");
	for (auto const* const path :
		{"/jobs/52-54-00-00-00-77.json", "/jobs/x.json", "/jobs/", "/jobs/52-54-00-00-00-01"})
	{
		EXPECT_EQ(ask(path), "404") << path;
	}
}

TEST_F(machine_route, files_that_are_not_whole_yet_are_not_served)
{
	test::write_file(m_folder / "images/.gold.img.part", "x");
	for (auto const* const name : {".gold.img.part", "%2egold.img.part", "%2Egold%2Eimg.part", "%2g"})
	{
		EXPECT_NE(ask(std::string("/images/") + name), "200") << name;
	}
	EXPECT_EQ(ask("/images/%2egold.img.part"), "404");
	EXPECT_EQ(ask("/images/%2g"), "400");
}

TEST_F(machine_route, other_paths_are_somebody_elses)
{
	for (auto const* const path : {"/", "/api/room", "/boot", "/grub/grub.cfg", "/room.json"})
	{
		EXPECT_EQ(ask(path), "none") << path;
	}
}

std::string outcome_of(std::string_view const report)
{
	auto const read = read_report(report);
	return read ? fmt::format("{} {}", read.value().code, read.value().error) : read.error().text;
}

TEST(job_reports, say_how_the_job_ended)
{
	EXPECT_EQ(outcome_of(R"({ "version": 1, "exit_code": 0, "state": "done" })"), "0 ");
	EXPECT_EQ(outcome_of(R"({ "exit_code": 5, "error": { "code": 5, "text": "writing /dev/sda: x" } })"),
		"5 writing /dev/sda: x");
	EXPECT_EQ(outcome_of(R"({ "exit_code": 143 })"), "143 ended with 143");
}

TEST(job_reports, that_are_none_are_refused)
{
	EXPECT_EQ(outcome_of("[]"), "reading a report: \"exit_code\" is missing");
	EXPECT_EQ(outcome_of(R"({ "exit_code": "0" })"), "reading a report: /exit_code: must be an integer");
	EXPECT_EQ(outcome_of(R"({ "exit_code": 256 })"), "reading a report: /exit_code: must be from 0 to 255");
	EXPECT_EQ(outcome_of(R"({ "exit_code": 1, "error": { "text": 1 } })"),
		"reading a report: /error/text: must be a string");
	EXPECT_NE(outcome_of("").find("reading a report: line 1"), std::string::npos);
}

} // namespace
} // namespace rawswarm
