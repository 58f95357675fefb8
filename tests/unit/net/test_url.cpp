// SPDX-License-Identifier: BSD-3-Clause
#include "agent/net/url.hpp"
#include "tests/support/base/value_of.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace rawswarm
{

namespace
{

using test::value_of;

std::string refusal(std::string_view text)
{
	auto const parsed = parse_url(text);
	if (parsed)
	{
		return "taken as " + to_string(parsed.value());
	}
	EXPECT_EQ(parsed.error().kind, fault::refused);
	return parsed.error().text;
}

} // namespace

TEST(url, parts_are_taken_apart)
{
	auto const u = value_of(parse_url("https://images.example:8443/lab/3.json?mac=aa:bb&x=%20#top"));
	EXPECT_TRUE(u.secure);
	EXPECT_EQ(u.host, "images.example");
	EXPECT_EQ(u.port, 8443);
	EXPECT_EQ(u.target, "/lab/3.json?mac=aa:bb&x=%20");
	EXPECT_EQ(authority(u), "images.example:8443");
	EXPECT_EQ(to_string(u), "https://images.example:8443/lab/3.json?mac=aa:bb&x=%20");
}

TEST(url, port_is_the_schemes_own_when_there_is_none)
{
	EXPECT_EQ(value_of(parse_url("http://a/")).port, 80);
	EXPECT_EQ(value_of(parse_url("https://a/")).port, 443);
	EXPECT_EQ(value_of(parse_url("http://a:/")).port, 80);
	EXPECT_EQ(to_string(value_of(parse_url("http://a:80/"))), "http://a/");
	EXPECT_EQ(to_string(value_of(parse_url("https://a:80/"))), "https://a:80/");
}

TEST(url, scheme_and_host_are_taken_in_any_case)
{
	auto const u = value_of(parse_url("HtTpS://Images.Example/Path"));
	EXPECT_TRUE(u.secure);
	EXPECT_EQ(u.host, "images.example");
	EXPECT_EQ(u.target, "/Path");
}

TEST(url, target_is_a_slash_at_least)
{
	EXPECT_EQ(value_of(parse_url("http://a")).target, "/");
	EXPECT_EQ(value_of(parse_url("http://a?x=1")).target, "/?x=1");
	EXPECT_EQ(value_of(parse_url("http://a#top")).target, "/");
}

TEST(url, ipv6_address_loses_its_brackets_and_gets_them_back)
{
	auto const u = value_of(parse_url("http://[FD00::1]:8080/x"));
	EXPECT_EQ(u.host, "fd00::1");
	EXPECT_EQ(u.port, 8080);
	EXPECT_EQ(authority(u), "[fd00::1]:8080");
	EXPECT_EQ(to_string(value_of(parse_url("http://[::1]"))), "http://[::1]/");
}

TEST(url, a_bad_host_is_refused)
{
	for (auto const* const text :
		{"http://", "http:///x", "http://:80/", "http://a,b/", "http://a%62/", "http://a\\b/", "http://[::1/",
			"http://[10.0.0.1]/", "http://[]/", "http://[fe80::1%25eth0]/", "http://[::1]x/", "http://::1/"})
	{
		EXPECT_TRUE(refusal(text).starts_with("must be an http or https URL")) << refusal(text);
	}
	std::string const label(63, 'a');
	EXPECT_TRUE(parse_url("http://" + label + "." + label).has_value());
	EXPECT_EQ(refusal("http://" + label + "a/"),
		"must be an http or https URL with a valid host name, not \"http://" + label + "a/\"");
	EXPECT_EQ(refusal("http://[10.0.0.1]/"),
		"must be an http or https URL with an IPv6 address in its brackets, not \"http://[10.0.0.1]/\"");
}

TEST(url, a_bad_port_is_refused)
{
	for (auto const* const port : {"0", "65536", "-1", "+1", "8o", "80 ", "99999999999999999999"})
	{
		auto const text = std::string("http://a:") + port + "/";
		EXPECT_FALSE(parse_url(text).has_value()) << text;
	}
	EXPECT_EQ(value_of(parse_url("http://a:65535/")).port, 65535);
}

TEST(url, another_scheme_is_refused)
{
	for (auto const* const text : {"tftp://a/b", "//a/b", "", "http:a", "disk.img"})
	{
		EXPECT_EQ(refusal(text), std::string("must be an http or https URL, not \"") + text + "\"");
	}
}

TEST(url, a_password_is_refused_and_not_repeated)
{
	EXPECT_EQ(refusal("http://root:secret@images.example/x"),
		"must be an http or https URL without a user name or password, not \"http://***@images.example/x\"");
}

TEST(url, other_characters_are_refused_and_shown_safely)
{
	std::string const reason = "must be an http or https URL with all other characters percent-encoded, not ";
	EXPECT_EQ(refusal("http://a/b c"), reason + "\"http://a/b c\"");
	EXPECT_EQ(refusal("http://a/b|c"), reason + "\"http://a/b|c\"");
	EXPECT_EQ(refusal("http://a/\r\nHost: b"), reason + "\"http://a/??Host: b\"");
	EXPECT_EQ(refusal(std::string_view("http://a/\0b", 11)), reason + "\"http://a/?b\"");
	EXPECT_EQ(refusal("http://a/\x1b[2J\x7f"), reason + "\"http://a/?[2J?\"");
	EXPECT_EQ(refusal("http://b\xc3/"), reason + "\"http://b?/\"");
}

TEST(url, a_reference_is_resolved_against_it)
{
	auto const base = value_of(parse_url("https://h:8443/a/b.json?c"));
	EXPECT_EQ(to_string(value_of(resolve(base, "../x?y#z"))), "https://h:8443/x?y");
	EXPECT_EQ(to_string(value_of(resolve(base, "http://other/x"))), "http://other/x");
	auto const refused = resolve(base, "ftp://a/b");
	ASSERT_FALSE(refused);
	EXPECT_EQ(refused.error().text, "must be an http or https URL, not \"ftp://a/b\"");
}

TEST(url, percent_encoding_stays_as_it_was_written)
{
	EXPECT_EQ(value_of(parse_url("http://a/%2e%2E/%zz?%0d%0a")).target, "/%2e%2E/%zz?%0d%0a");
}

} // namespace rawswarm
