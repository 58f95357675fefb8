// SPDX-License-Identifier: BSD-3-Clause
#include "agent/manifest/manifest_substitute.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace
{

using namespace rawswarm;

machine_identity const self{"52:54:00:12:34:56", "", "4c4c4544", "pc-07", "10.0.0.7"};

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

TEST(substitute, hardware_address_has_the_forms_of_ipxe)
{
	EXPECT_EQ(substituted("${mac:hex}"), "52:54:00:12:34:56");
	EXPECT_EQ(substituted("${mac:hexhyp}.json"), "52-54-00-12-34-56.json");
	EXPECT_EQ(substituted("${mac:hexraw}"), "525400123456");
	EXPECT_TRUE(substituted("${mac:uristring}").starts_with("substituting ${mac:uristring}: unknown name"));
	EXPECT_TRUE(substituted("${serial:hexraw}").starts_with("substituting ${serial:hexraw}: unknown name"));
}

TEST(substitute, address_is_that_of_the_machine)
{
	EXPECT_EQ(substituted("http://h/${ip}.json"), "http://h/10.0.0.7.json");
}

TEST(waits_for_network, only_names_whose_value_comes_with_it_and_is_not_there)
{
	machine_identity const offline{"", "", "", "", ""};
	for (auto const* const text : {"${mac}", "a${mac:hexhyp}b", "${mac:hexraw}", "${ip}"})
	{
		EXPECT_TRUE(waits_for_network(text, offline)) << text;
		EXPECT_FALSE(waits_for_network(text, self)) << text;
	}
	EXPECT_FALSE(waits_for_network("${serial}${hostname}", offline));
	EXPECT_FALSE(waits_for_network("no names", offline));
}

TEST(substitute, dollars_and_braces_alone_stay)
{
	EXPECT_EQ(substituted("$ } {mac} $mac $${mac}"), "$ } {mac} $mac $52:54:00:12:34:56");
}

TEST(substitute, unknown_and_unclosed_names_are_refused_by_name)
{
	EXPECT_EQ(substituted("a${host}"),
		"substituting ${host}: unknown name, must be one of mac, mac:hexhyp, mac:hexraw, ip,"
		" serial, uuid and hostname");
	EXPECT_EQ(substituted("a${mac"), "substituting ${mac: the brace is not closed");
	EXPECT_EQ(substitute("${}", self).error().kind, fault::refused);
}

TEST(substitute, name_without_a_value_is_refused)
{
	EXPECT_EQ(substituted("${serial}"), "substituting ${serial}: this machine has none");
}

// What whoever answers DHCP may say.
machine_identity called(std::string hostname)
{
	return {"52:54:00:12:34:56", "", "", std::move(hostname), ""};
}

std::string substituted(std::string_view text, std::string hostname, name_use const use)
{
	auto const out = substitute(text, called(std::move(hostname)), use);
	return out ? out.value() : out.error().text;
}

TEST(substitute, value_in_a_url_is_percent_encoded)
{
	constexpr auto text = "http://h/jobs/${hostname}.json?for=${hostname}";
	EXPECT_EQ(
		substituted(text, "pc-07.lab_3~", name_use::url), "http://h/jobs/pc-07.lab_3~.json?for=pc-07.lab_3~");
	EXPECT_EQ(substituted(text, "../a b?c&d=e#f%g", name_use::url),
		"http://h/jobs/..%2Fa%20b%3Fc%26d%3De%23f%25g.json?for=..%2Fa%20b%3Fc%26d%3De%23f%25g");
	EXPECT_EQ(substituted("http://h/${mac}", "", name_use::url), "http://h/52:54:00:12:34:56");
	for (auto const* const away : {".", ".."})
	{
		EXPECT_NE(substituted("http://h/${hostname}/job.json", away, name_use::url).find("no plain name"),
			std::string::npos);
	}
}

TEST(substitute, value_in_a_path_is_a_plain_name)
{
	EXPECT_EQ(substituted("/jobs/${hostname}/job.json", "pc-07.lab_3", name_use::part),
		"/jobs/pc-07.lab_3/job.json");
	EXPECT_EQ(substituted("/jobs/${mac}", "", name_use::part), "/jobs/52:54:00:12:34:56");
	for (auto const* const odd : {"../../../../etc/hostname", "a/b", "..", ".ssh", "-rf", "a b", "a\\b",
			 "$(reboot)", "a;b", "a\"b", "a*", "h\xc3\xb6"})
	{
		auto const refused = substitute("/jobs/${hostname}.json", called(odd), name_use::part);
		ASSERT_FALSE(refused) << odd;
		EXPECT_EQ(refused.error().kind, fault::refused);
		EXPECT_TRUE(refused.error().text.starts_with("substituting ${hostname}: \"")) << refused.error().text;
	}
}

TEST(substitute, value_with_control_characters_is_refused_anywhere)
{
	for (auto const use : {name_use::text, name_use::part, name_use::url})
	{
		EXPECT_EQ(
			substituted("${hostname}", "a\nb", use), "substituting ${hostname}: a?b has control characters");
	}
	EXPECT_EQ(substituted("${hostname}", "a b", name_use::text), "a b");
}

TEST(substitute, location_is_a_url_or_a_path)
{
	EXPECT_EQ(use_in_location("http://h/${hostname}"), name_use::url);
	EXPECT_EQ(use_in_location("/jobs/${hostname}"), name_use::part);
}

TEST(substitute, what_is_put_in_is_not_looked_at_again)
{
	machine_identity const odd{"${serial}", "s", "", "${", ""};
	EXPECT_EQ(substitute("${mac}${hostname}", odd).value(), "${serial}${");
}

} // namespace
