// SPDX-License-Identifier: BSD-3-Clause
#include "agent/net/location.hpp"
#include "tests/support/base/value_of.hpp"

#include <gtest/gtest.h>

namespace rawswarm
{

namespace
{

using test::value_of;

std::string taken(std::string_view text)
{
	auto const parsed = parse_location(text);
	return parsed ? to_string(parsed.value()) : parsed.error().text;
}

std::string resolved(std::string_view base, std::string_view reference)
{
	auto const found = resolve(value_of(parse_location(base)), reference);
	return found ? to_string(found.value()) : found.error().text;
}

} // namespace

TEST(location, is_standard_input_a_path_or_a_url)
{
	EXPECT_TRUE(value_of(parse_location("-")).is_standard_input());
	EXPECT_EQ(*value_of(parse_location("/srv/a b.json")).as_path(), "/srv/a b.json");
	EXPECT_EQ(*value_of(parse_location("jobs/http:/a")).as_path(), "jobs/http:/a");
	EXPECT_EQ(value_of(parse_location("HTTPS://h/a")).as_url()->host, "h");
	EXPECT_EQ(value_of(parse_location("http://h/a")).as_path(), nullptr);
	EXPECT_EQ(value_of(parse_location("a")).as_url(), nullptr);
	EXPECT_EQ(*location().as_path(), "");
}

TEST(location, is_written_as_it_is_taken)
{
	EXPECT_EQ(taken("-"), "-");
	EXPECT_EQ(taken("../a.torrent"), "../a.torrent");
	EXPECT_EQ(taken("HTTP://H/a#b"), "http://h/a");
	EXPECT_EQ(describe(value_of(parse_location("-"))), "standard input");
	EXPECT_EQ(describe(value_of(parse_location("a"))), "a");
}

TEST(location, is_refused_with_its_reason)
{
	EXPECT_EQ(taken(""), "must not be empty");
	EXPECT_EQ(taken("a\nb"), "must not contain control characters");
	EXPECT_EQ(taken("ftp://h/x"), "must be a path or an http or https URL, not \"ftp://h/x\"");
	EXPECT_EQ(taken("http://h:0/x"),
		"must be an http or https URL with a port from 1 to 65535, not \"http://h:0/x\"");
}

TEST(location, a_path_is_no_url)
{
	EXPECT_EQ(value_of(parse_path("-")), "-");
	EXPECT_EQ(parse_path("http://h/k").error().text, "must be a path, not \"http://h/k\"");
	EXPECT_EQ(parse_path("").error().text, "must not be empty");
}

TEST(location, references_in_a_file_are_relative_to_its_folder)
{
	EXPECT_EQ(resolved("job.json", "x.torrent"), "x.torrent");
	EXPECT_EQ(resolved("jobs/job.json", "x.torrent"), "jobs/x.torrent");
	EXPECT_EQ(resolved("/srv/jobs/job.json", "x.torrent"), "/srv/jobs/x.torrent");
	EXPECT_EQ(resolved("/srv/jobs/job.json", "../x.torrent"), "/srv/jobs/../x.torrent");
	EXPECT_EQ(resolved("/job.json", "x.torrent"), "/x.torrent");
	EXPECT_EQ(resolved("/srv/job.json", "a:b.torrent"), "/srv/a:b.torrent");
	EXPECT_EQ(resolved("/srv/job.json", "-"), "/srv/-");
	EXPECT_EQ(resolved("/srv/job.json", ""), "must not be empty");
}

TEST(location, references_in_standard_input_are_relative_to_the_working_directory)
{
	EXPECT_EQ(resolved("-", "x.torrent"), "x.torrent");
	EXPECT_EQ(resolved("-", "/x.torrent"), "/x.torrent");
	EXPECT_FALSE(value_of(resolve(location::standard_input(), "-")).is_standard_input());
}

TEST(location, references_in_a_document_of_the_web_are_relative_to_its_url)
{
	EXPECT_EQ(resolved("http://h/jobs/lab.json?x=1", "a.torrent"), "http://h/jobs/a.torrent");
	EXPECT_EQ(resolved("http://h", "x.torrent"), "http://h/x.torrent");
	EXPECT_EQ(resolved("http://h/a/b", "//other/x"), "http://other/x");
	EXPECT_EQ(resolved("http://h/a/b", "s:x"), "must be an http or https URL, not \"s:x\"");
}

TEST(location, absolute_references_mean_themselves)
{
	EXPECT_EQ(resolved("/srv/job.json", "/x.torrent"), "/x.torrent");
	EXPECT_EQ(resolved("/srv/job.json", "http://h/a/../x.torrent"), "http://h/a/../x.torrent");
	EXPECT_EQ(resolved("-", "http://h/x.torrent"), "http://h/x.torrent");
	EXPECT_EQ(
		resolved("/srv/job.json", "ftp://h/x"), "must be a path or an http or https URL, not \"ftp://h/x\"");
}

} // namespace rawswarm
