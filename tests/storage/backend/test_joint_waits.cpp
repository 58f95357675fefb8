// SPDX-License-Identifier: BSD-3-Clause
#include "storage/backend/joint_waits.hpp"

#include <gtest/gtest.h>

#include <string>

namespace rawswarm
{
namespace
{

TEST(joint_waits, a_call_is_over_once_all_members_have_answered)
{
	std::string log;
	joint_waits waits;
	auto const call = waits.add({0, 1, 2}, [&log] { log += "over"; });
	waits.answered(call, 1);
	waits.answered(call, 1);
	waits.answered(call, 0);
	EXPECT_EQ(log, "");
	waits.answered(call, 2);
	waits.answered(call, 2);
	EXPECT_EQ(log, "over");
	EXPECT_TRUE(waits.empty());
}

TEST(joint_waits, a_member_that_has_gone_is_waited_for_no_longer)
{
	std::string log;
	joint_waits waits;
	waits.add({0, 1}, [&log] { log += "a"; });
	auto const b = waits.add({1}, [&log] { log += "b"; });
	auto const c = waits.add({0, 1}, [&log] { log += "c"; });
	waits.answered(c, 0);
	waits.gone(1);
	EXPECT_EQ(log, "bc");
	waits.answered(b, 1);
	waits.gone(0);
	EXPECT_EQ(log, "bca");
}

TEST(joint_waits, what_follows_a_call_may_make_others)
{
	int over = 0;
	joint_waits waits;
	waits.add({7}, [&] { waits.add({7}, [&over] { ++over; }); });
	waits.gone(7);
	EXPECT_EQ(over, 0);
	waits.gone(7);
	EXPECT_EQ(over, 1);
}

} // namespace
} // namespace rawswarm
