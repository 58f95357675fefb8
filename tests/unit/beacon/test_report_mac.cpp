// SPDX-License-Identifier: BSD-3-Clause
#include "agent/beacon/report_mac.hpp"

#include <gtest/gtest.h>

namespace rawswarm
{

// By openssl: printf '/report/0f1e\n{}' | openssl dgst -sha256 -hmac key
TEST(report_mac, it_is_that_of_openssl_over_target_line_feed_and_body)
{
	EXPECT_EQ(report_authorization("/report/0f1e", "{}", "key"),
		"rawswarm-hmac 6493726cc5ecafdc77556097af56d7cd3b5948ecd02b1f6048d50f7948df70d6");
}

TEST(report_mac, another_target_body_or_key_is_none_of_it)
{
	auto const mac = report_authorization("/report/0f1e", "{}", "key");
	EXPECT_TRUE(report_is_authentic(mac, "/report/0f1e", "{}", "key"));
	EXPECT_FALSE(report_is_authentic(mac, "/report/0f1f", "{}", "key"));
	EXPECT_FALSE(report_is_authentic(mac, "/report/0f1e", "{ }", "key"));
	EXPECT_FALSE(report_is_authentic(mac, "/report/0f1e", "{}", "keys"));
	EXPECT_FALSE(report_is_authentic("", "/report/0f1e", "{}", "key"));
	EXPECT_FALSE(report_is_authentic(mac.substr(0, mac.size() - 1), "/report/0f1e", "{}", "key"));
}

} // namespace rawswarm
