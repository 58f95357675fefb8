// SPDX-License-Identifier: BSD-3-Clause
#include "agent/net/uri_reference.hpp"

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
		EXPECT_EQ(resolve_reference(base, reference), expected) << base << " + " << reference;
	}
}

TEST(uri_reference, relative_references_follow_a_url)
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

TEST(uri_reference, query_and_fragment_of_the_base_are_left_out)
{
	expect_all({
		{"http://h/a/b.json?mac=/1/2#top", "x.torrent", "http://h/a/x.torrent"},
		{"http://h?job=a/b", "x.torrent", "http://h/x.torrent"},
		{"http://h/a/b.json?mac=1", "x.torrent?id=2", "http://h/a/x.torrent?id=2"},
	});
}

// The base and the examples of RFC 3986, section 5.4, but for those of a scheme of their own.
TEST(uri_reference, examples_of_the_rfc_hold)
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

TEST(uri_reference, a_reference_with_a_scheme_stays_as_it_is)
{
	expect_all({{"http://h/job.json", "https://other/a/../x.torrent", "https://other/a/../x.torrent"}});
}

TEST(uri_reference, is_split_into_its_parts)
{
	auto const u = split_uri("http://user@h:1/a/b?c=d?e#f#g");
	EXPECT_EQ(u.scheme, "http");
	EXPECT_EQ(u.authority, "user@h:1");
	EXPECT_EQ(u.path, "/a/b");
	EXPECT_EQ(u.query, "c=d?e");
	EXPECT_EQ(u.fragment, "f#g");
	EXPECT_FALSE(split_uri("a/b").scheme);
	EXPECT_FALSE(split_uri("1a:b").scheme);
	EXPECT_EQ(split_uri("http://").authority, "");
}

TEST(uri_reference, a_url_is_told_from_a_path)
{
	EXPECT_TRUE(has_url_scheme("http://a/b"));
	EXPECT_TRUE(has_url_scheme("TFTP://a"));
	EXPECT_FALSE(has_url_scheme("http:/a"));
	EXPECT_FALSE(has_url_scheme("jobs/http://a"));
	EXPECT_FALSE(has_url_scheme("://a"));
	EXPECT_FALSE(has_url_scheme(""));
}

TEST(uri_reference, is_quoted_without_a_password)
{
	EXPECT_EQ(printable_uri("ftp://root:secret@h/x@y"), "ftp://***@h/x@y");
	EXPECT_EQ(printable_uri("http://a@b@c/"), "http://***@c/");
	EXPECT_EQ(printable_uri("mail@host"), "mail@host");
	EXPECT_EQ(printable_uri("a\nb"), "a?b");
}

TEST(uri_reference, is_quoted_without_its_query)
{
	EXPECT_EQ(printable_uri("http://h/job.json?token=secret#part"), "http://h/job.json?***");
	EXPECT_EQ(printable_uri("http://me:secret@h/announce?key=secret"), "http://***@h/announce?***");
	EXPECT_EQ(printable_uri("http://h?secret@h2/"), "http://h?***");
	EXPECT_EQ(printable_uri("/image.zst?token=secret"), "/image.zst?***");
	EXPECT_EQ(printable_uri("http://h/a#secret"), "http://h/a");
}

} // namespace
