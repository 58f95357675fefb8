// SPDX-License-Identifier: BSD-3-Clause
#include "agent/manifest/manifest_substitute.hpp"

#include <gtest/gtest.h>

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

TEST(substitute, what_is_put_in_is_not_looked_at_again)
{
	machine_identity const odd{"${serial}", "s", "", "${", ""};
	EXPECT_EQ(substitute("${mac}${hostname}", odd).value(), "${serial}${");
}

} // namespace
