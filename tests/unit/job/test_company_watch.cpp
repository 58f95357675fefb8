// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/company_watch.hpp"

#include <gtest/gtest.h>

namespace rawswarm
{

namespace
{

using namespace std::chrono_literals;
using verdict = company_watch::verdict;

TEST(company_watch, no_peers_for_a_minute_are_told)
{
	company_watch::clock::time_point const start{};
	company_watch company(start);
	EXPECT_EQ(company.check(0, 0, 59s, start + 59s), verdict::fine);
	EXPECT_EQ(company.check(0, 0, 60s, start + 60s), verdict::no_peers);
	EXPECT_EQ(company.check(1, 0, 61s, start + 61s), verdict::nothing_arrives);
	EXPECT_EQ(company.check(0, 0, 62s, start + 62s), verdict::nothing_arrives);
	EXPECT_EQ(company.check(0, 0, 121s, start + 121s), verdict::no_peers);
}

TEST(company_watch, bytes_without_a_peer_are_company)
{
	company_watch::clock::time_point const start{};
	company_watch company(start);
	EXPECT_EQ(company.check(0, 100, 0s, start + 50s), verdict::fine);
	EXPECT_EQ(company.check(0, 100, 59s, start + 109s), verdict::fine);
	EXPECT_EQ(company.check(0, 100, 60s, start + 110s), verdict::no_peers);
}

TEST(company_watch, another_state_begins_anew)
{
	company_watch::clock::time_point const start{};
	company_watch company(start);
	company.restart(start + 50s);
	EXPECT_EQ(company.check(0, 0, 59s, start + 109s), verdict::fine);
	EXPECT_EQ(company.check(0, 0, 60s, start + 110s), verdict::no_peers);
}

} // namespace

} // namespace rawswarm
