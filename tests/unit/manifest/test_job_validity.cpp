// SPDX-License-Identifier: BSD-3-Clause
#include "agent/manifest/job_validity.hpp"
#include "agent/manifest/parse_manifest.hpp"
#include "base/utc_time.hpp"
#include "base/version.hpp"
#include "tests/support/base/value_of.hpp"
#include "tests/support/machine/job_text.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rawswarm
{
namespace
{

using test::job_with;
using test::parse_job;
using test::value_of;

machine_identity this_one()
{
	machine_identity self{
		"52:54:00:12:34:56", "S3R1AL 7", "4c4c4544-0042-3510-8052-b4c04f563132", "pc-07", ""};
	self.macs = {"52:54:00:12:34:56", "52:54:00:12:34:57"};
	return self;
}

// The clock is right: the program was made a month ago.
validity_bounds at(std::string_view const now, std::string_view const made = "2026-10-29T00:00:00Z")
{
	return {*parse_utc_time(now), *parse_utc_time(made), 0};
}

std::string judged(std::string_view const members, validity_bounds const& bounds)
{
	auto const job = value_of(parse_job(job_with(members)));
	auto const good = check_validity(job.validity, this_one(), bounds, "job.json");
	if (good)
	{
		return "good";
	}
	EXPECT_EQ(good.error().kind, fault::refused);
	return good.error().text;
}

std::string judged(std::string_view const members)
{
	return judged(members, at("2026-11-29T18:00:00Z"));
}

TEST(job_validity, job_that_says_nothing_is_for_every_machine_and_for_ever)
{
	EXPECT_EQ(judged(R"("name": "lab-3")"), "good");
}

TEST(job_validity, job_is_for_the_machines_that_it_names)
{
	EXPECT_EQ(judged(R"("for": {"mac": "52-54-00-12-34-56"})"), "good");
	EXPECT_EQ(judged(R"("for": {"mac": ["52:54:00:00:00:01", "52:54:00:12:34:57"]})"), "good")
		<< "a second card is the machine's as well";
	EXPECT_EQ(judged(R"("for": {"serial": "s3r1al 7"})"), "good");
	EXPECT_EQ(judged(R"("for": {"uuid": "4C4C4544-0042-3510-8052-B4C04F563132"})"), "good");
	EXPECT_EQ(judged(R"("for": {"mac": "52:54:00:12:34:58"})"),
		"reading job.json: /for/mac: the job is for other machines, and this one has 52:54:00:12:34:56");
	EXPECT_EQ(judged(R"("for": {"mac": "52:54:00:12:34:56", "serial": ["S3R1AL 8"]})"),
		"reading job.json: /for/serial: the job is for other machines, and this one has S3R1AL 7");
	EXPECT_EQ(judged(R"("for": {"uuid": "4c4c4544-0042-3510-8052-000000000000"})"),
		"reading job.json: /for/uuid: the job is for other machines, and this one has"
		" 4c4c4544-0042-3510-8052-b4c04f563132");
}

TEST(job_validity, machine_without_a_name_is_none_of_those_that_have_it)
{
	auto const job = value_of(parse_job(job_with(R"("for": {"serial": "S3R1AL 7"})")));
	auto const good = check_validity(job.validity, {}, at("2026-11-29T18:00:00Z"), "job.json");
	ASSERT_FALSE(good);
	EXPECT_EQ(good.error().text,
		"reading job.json: /for/serial: the job is for other machines, and this one has none that can be "
		"read");
}

TEST(job_validity, job_is_good_between_its_times)
{
	constexpr auto month = R"("not_before": "2026-11-01T00:00:00Z", "not_after": "2026-11-30T00:00:00Z")";
	EXPECT_EQ(judged(month, at("2026-11-01T00:00:00Z")), "good");
	EXPECT_EQ(judged(month, at("2026-11-30T00:00:00Z")), "good");
	EXPECT_EQ(judged(month, at("2026-10-31T23:59:59Z")),
		"reading job.json: /not_before: the job is good from 2026-11-01T00:00:00Z, and it is"
		" 2026-10-31T23:59:59Z");
	EXPECT_EQ(judged(month, at("2026-11-30T00:00:01Z")),
		"reading job.json: /not_after: the job was good until 2026-11-30T00:00:00Z, and it is"
		" 2026-11-30T00:00:01Z");
}

TEST(job_validity, clock_that_is_not_set_refuses_what_it_cannot_tell)
{
	auto const unset = at("1970-01-01T00:01:00Z");
	constexpr auto cannot =
		"this machine cannot tell: its clock is not set, 1970-01-01T00:01:00Z is before the"
		" program was made";
	EXPECT_EQ(judged(R"("not_after": "2026-11-30T00:00:00Z")", unset),
		std::string("reading job.json: /not_after: ") + cannot);
	EXPECT_EQ(judged(R"("not_before": "2026-11-01T00:00:00Z")", unset),
		std::string("reading job.json: /not_before: ") + cannot);
	// the program is younger than these
	EXPECT_EQ(judged(R"("not_before": "2026-10-01T00:00:00Z")", unset), "good");
	EXPECT_EQ(judged(R"("not_after": "2026-10-01T00:00:00Z")", unset),
		"reading job.json: /not_after: the job was good until 2026-10-01T00:00:00Z, and it is"
		" 2026-10-29T00:00:00Z");
	EXPECT_EQ(judged(R"("name": "lab-3")", unset), "good");
}

TEST(job_validity, machine_takes_the_serial_number_that_it_was_started_with_or_more)
{
	auto bounds = at("2026-11-29T18:00:00Z");
	EXPECT_EQ(judged(R"("serial_number": 1)", bounds), "good");
	bounds.least_serial_number = 7;
	EXPECT_EQ(judged(R"("serial_number": 7)", bounds), "good");
	EXPECT_EQ(judged(R"("serial_number": 8)", bounds), "good");
	EXPECT_EQ(judged(R"("serial_number": 6)", bounds),
		"reading job.json: /serial_number: it is 6, this machine takes 7 or more");
	EXPECT_EQ(judged(R"("name": "lab-3")", bounds),
		"reading job.json: \"serial_number\" is missing, this machine takes 7 or more");
}

TEST(job_validity, program_was_made_in_the_past)
{
	auto const bounds = bounds_of_now(3);
	EXPECT_EQ(bounds.least_serial_number, 3);
	EXPECT_EQ(bounds.earliest.time_since_epoch().count(), version_time);
	EXPECT_GE(bounds.earliest, *parse_utc_time("2026-11-01T00:00:00Z"));
}

// What names in a job become depends on where they stand.
class names_in_a_job : public ::testing::Test
{
protected:
	static result<manifest> read(
		std::string const& members, std::string hostname, std::string_view const base = "/srv/job.json")
	{
		auto self = this_one();
		self.hostname = std::move(hostname);
		return parse_manifest(job_with(members), value_of(parse_location(base)), self);
	}

	static std::string refusal(std::string const& members)
	{
		auto const job = read(members, "x;reboot ../..");
		return job ? "accepted" : job.error().text;
	}
};

TEST_F(names_in_a_job, values_that_are_no_plain_names_get_into_no_path_and_no_script)
{
	constexpr auto why = ": substituting ${hostname}: \"x;reboot ../..\" is no plain name";
	std::pair<std::string, std::string> const places[] = {
		{R"("volumes": [{"url": "${hostname}.img", "device": "/dev/sdb", "sha256": ")" + std::string(64, '0')
				+ R"("}])",
			"/volumes/0/url"},
		{R"("partition_tables": [{"disk": "/dev/${hostname}", "script": "label: gpt"}])",
			"/partition_tables/0/disk"},
		{R"("partition_tables": [{"disk": "/dev/sda", "script": "name=${hostname}"}])",
			"/partition_tables/0/script"},
		{R"("beacon": {"key_file": "/etc/${hostname}"})", "/beacon/key_file"},
		{R"("swarm": {"key_file": "/etc/${hostname}"})", "/swarm/key_file"},
		{R"("after": [{"exec": ["sh", "-c", "hostname ${hostname}"]}])", "/after/0/exec/2"},
		{R"("on_success": {"exec": ["/usr/bin/${hostname}"]})", "/on_success/exec/0"},
	};
	for (auto const& [members, pointer] : places)
	{
		EXPECT_NE(refusal(members).find(pointer + why), std::string::npos) << refusal(members);
	}
}

TEST_F(names_in_a_job, values_in_urls_are_encoded_and_whole_words_stay)
{
	auto const job = value_of(read(
		R"("report": {"to": "http://h/report/${hostname}"}, "swarm": {"web_seeds": ["http://h/${hostname}/"],
			"trackers": ["http://h/announce?${hostname}"]},
			"after": [{"exec": ["enrol", "${hostname}", "http://h/?h=${hostname}"]}])",
		"a/b c"));
	EXPECT_EQ(job.report->target, "/report/a%2Fb%20c");
	EXPECT_EQ(job.swarm.web_seeds.at(0).target, "/a%2Fb%20c/");
	EXPECT_EQ(job.swarm.trackers.at(0).text(), "http://h/announce?a%2Fb%20c");
	EXPECT_EQ(job.after.at(0).exec, (std::vector<std::string>{"enrol", "a/b c", "http://h/?h=a%2Fb%20c"}));
}

TEST_F(names_in_a_job, references_are_urls_where_the_job_is_one)
{
	auto const read_from = [](std::string_view const base) {
		machine_identity self = this_one();
		self.hostname = "../a";
		return parse_manifest(
			R"({"version": 1, "targets": [{"torrent": "images/${hostname}.torrent", "device": "/dev/sda"}]})",
			value_of(parse_location(base)), self);
	};
	EXPECT_EQ(to_string(value_of(read_from("http://h/jobs/a.json")).targets.at(0).torrent),
		"http://h/jobs/images/..%2Fa.torrent");
	EXPECT_FALSE(read_from("/srv/jobs/a.json"));
}

} // namespace
} // namespace rawswarm
