// SPDX-License-Identifier: BSD-3-Clause
#include "agent/net/tracker_url.hpp"
#include "tests/support/base/value_of.hpp"

#include <gtest/gtest.h>

namespace rawswarm
{

namespace
{

std::string taken(std::string_view text)
{
	auto const parsed = tracker_url::parse(text);
	return parsed ? parsed.value().text() : parsed.error().text;
}

} // namespace

TEST(tracker_url, keeps_its_text_with_the_scheme_in_lower_case)
{
	EXPECT_EQ(taken("HTTP://t.example/announce"), "http://t.example/announce");
	EXPECT_EQ(taken("UDP://tracker.lab:6969/Announce"), "udp://tracker.lab:6969/Announce");
	EXPECT_EQ(taken("https://t:8443/a?key=1"), "https://t:8443/a?key=1");
	EXPECT_EQ(taken("http://[2001:db8::2]:6969/announce"), "http://[2001:db8::2]:6969/announce");
	EXPECT_EQ(taken("http://user:word@t/announce"), "http://user:word@t/announce");
}

TEST(tracker_url, is_complete)
{
	for (auto const* const text :
		{"", "http://", "tracker.lab/announce", "wss://t/a", "http://t/a b", "http://t:0/", "http://t:65536/",
			"http://t:/", "http://[::1/", "http:t", "udp://", "http://-t/"})
	{
		EXPECT_EQ(taken(text), std::string("must be an http, https or udp URL, not \"") + text + "\"");
	}
	EXPECT_EQ(taken("udp://t/announce"), "must be a udp URL with a port, not \"udp://t/announce\"");
	EXPECT_EQ(taken("http://user:word@/a"), "must be an http, https or udp URL, not \"http://***@/a\"");
}

} // namespace rawswarm
