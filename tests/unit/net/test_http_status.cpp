// SPDX-License-Identifier: BSD-3-Clause
#include "agent/net/http_status.hpp"

#include <gtest/gtest.h>

namespace rawswarm
{

TEST(http_status, failures_of_the_server_and_of_the_moment_may_pass)
{
	for (unsigned const status : {408U, 425U, 429U, 500U, 503U, 599U})
	{
		EXPECT_TRUE(may_pass(status)) << status;
	}
	for (unsigned const status : {206U, 301U, 400U, 403U, 404U, 416U, 499U})
	{
		EXPECT_FALSE(may_pass(status)) << status;
	}
}

} // namespace rawswarm
