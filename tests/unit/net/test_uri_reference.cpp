// SPDX-License-Identifier: BSD-3-Clause
#include "agent/manifest/manifest.hpp"

#include <gtest/gtest.h>

namespace
{

using namespace rawswarm;

struct resolution
{
	char const* base;
	char const* reference;
	char const* expected;
};

void expect_all(std::initializer_list<resolution> cases)
{
	for (auto const& [base, reference, expected] : cases)
	{
		EXPECT_EQ(resolve(base, reference), expected) << base << " + " << reference;
	}
}

TEST(resolve, relative_references_follow_a_url)
{
	expect_all({
		{"http://h/a/b.json", "x.torrent", "http://h/a/x.torrent"},
		{"http://h/a/b.json", "../x.torrent", "http://h/x.torrent"},
		{"http://h/a/b.json", "/x.torrent", "http://h/x.torrent"},
		{"http://h/a/b.json", "//other/x.torrent", "http://other/x.torrent"},
		{"https://h:8443/a/b.json", "c/x.torrent", "https://h:8443/a/c/x.torrent"},
		{"http://h", "x.torrent", "http://h/x.torrent"},
		{"http://[fd00::1]:80/b.json", "x.torrent", "http://[fd00::1]:80/x.torrent"},
		{"HTTP://h/a/b.json", "x.torrent", "HTTP://h/a/x.torrent"},
	});
}

TEST(resolve, query_and_fragment_of_the_base_are_left_out)
{
	expect_all({
		{"http://h/a/b.json?mac=/1/2#top", "x.torrent", "http://h/a/x.torrent"},
		{"http://h?job=a/b", "x.torrent", "http://h/x.torrent"},
		{"http://h/a/b.json?mac=1", "x.torrent?id=2", "http://h/a/x.torrent?id=2"},
	});
}

// The base and the examples of RFC 3986, section 5.4, but for those of a scheme of their own.
TEST(resolve, examples_of_the_rfc_hold)
{
	auto const* const base = "http://a/b/c/d;p?q";
	expect_all({
		{base, "g", "http://a/b/c/g"},
		{base, "./g", "http://a/b/c/g"},
		{base, "g/", "http://a/b/c/g/"},
		{base, "/g", "http://a/g"},
		{base, "//g", "http://g"},
		{base, "?y", "http://a/b/c/d;p?y"},
		{base, "g?y", "http://a/b/c/g?y"},
		{base, "#s", "http://a/b/c/d;p?q#s"},
		{base, "g#s", "http://a/b/c/g#s"},
		{base, "g?y#s", "http://a/b/c/g?y#s"},
		{base, ";x", "http://a/b/c/;x"},
		{base, "", "http://a/b/c/d;p?q"},
		{base, ".", "http://a/b/c/"},
		{base, "./", "http://a/b/c/"},
		{base, "..", "http://a/b/"},
		{base, "../", "http://a/b/"},
		{base, "../g", "http://a/b/g"},
		{base, "../..", "http://a/"},
		{base, "../../g", "http://a/g"},
		{base, "../../../g", "http://a/g"},
		{base, "/./g", "http://a/g"},
		{base, "/../g", "http://a/g"},
		{base, "g.", "http://a/b/c/g."},
		{base, "..g", "http://a/b/c/..g"},
		{base, "./../g", "http://a/b/g"},
		{base, "./g/.", "http://a/b/c/g/"},
		{base, "g/./h", "http://a/b/c/g/h"},
		{base, "g/../h", "http://a/b/c/h"},
		{base, "g;x=1/../y", "http://a/b/c/y"},
		{base, "g?y/../x", "http://a/b/c/g?y/../x"},
		{base, "g#s/../x", "http://a/b/c/g#s/../x"},
	});
}

TEST(resolve, relative_references_follow_a_path)
{
	expect_all({
		{"job.json", "x.torrent", "x.torrent"},
		{"jobs/job.json", "x.torrent", "jobs/x.torrent"},
		{"/srv/jobs/job.json", "x.torrent", "/srv/jobs/x.torrent"},
		{"/srv/jobs/job.json", "../x.torrent", "/srv/jobs/../x.torrent"},
		{"/job.json", "x.torrent", "/x.torrent"},
		{"/srv/job.json", "a:b.torrent", "/srv/a:b.torrent"},
		{"-", "x.torrent", "x.torrent"},
	});
}

TEST(resolve, absolute_references_stay_as_they_are)
{
	expect_all({
		{"/srv/job.json", "/x.torrent", "/x.torrent"},
		{"/srv/job.json", "http://h/a/../x.torrent", "http://h/a/../x.torrent"},
		{"http://h/job.json", "https://other/a/../x.torrent", "https://other/a/../x.torrent"},
		{"-", "/x.torrent", "/x.torrent"},
		{"-", "http://h/x.torrent", "http://h/x.torrent"},
	});
}

machine_identity const self{"52:54:00:12:34:56", "", "4c4c4544", "pc-07"};

std::string substituted(std::string_view text)
{
	auto const out = substitute(text, self);
	return out ? out.value() : out.error().text;
}

TEST(substitute, names_are_replaced_wherever_they_stand)
{
	EXPECT_EQ(substituted("http://h/${mac}.json"), "http://h/52:54:00:12:34:56.json");
	EXPECT_EQ(substituted("${hostname}${uuid}${hostname}"), "pc-074c4c4544pc-07");
	EXPECT_EQ(substituted("no names"), "no names");
	EXPECT_EQ(substituted(""), "");
}

TEST(substitute, dollars_and_braces_alone_stay)
{
	EXPECT_EQ(substituted("$ } {mac} $mac $${mac}"), "$ } {mac} $mac $52:54:00:12:34:56");
}

TEST(substitute, unknown_and_unclosed_names_are_refused_by_name)
{
	EXPECT_EQ(substituted("a${host}"),
		"substituting ${host}: unknown name, must be one of mac, serial, uuid and hostname");
	EXPECT_EQ(substituted("a${mac"), "substituting ${mac: the brace is not closed");
	EXPECT_EQ(substitute("${}", self).error().kind, fault::refused);
}

TEST(substitute, name_without_a_value_is_refused)
{
	EXPECT_EQ(substituted("${serial}"), "substituting ${serial}: this machine has none");
}

TEST(substitute, what_is_put_in_is_not_looked_at_again)
{
	machine_identity const odd{"${serial}", "s", "", "${"};
	EXPECT_EQ(substitute("${mac}${hostname}", odd).value(), "${serial}${");
}

} // namespace
