// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/link_watch.hpp"

#include <gtest/gtest.h>

namespace rawswarm
{
namespace
{

using namespace std::chrono_literals;
using verdict = link_watch::verdict;

constexpr char const* why = "eth0 has no carrier";

class link_watch_test : public ::testing::Test
{
protected:
	verdict update(std::string const& text, std::chrono::seconds const after)
	{
		return m_watch.update(text, m_start + after);
	}

	link_watch::clock::time_point const m_start{};
	link_watch m_watch;
};

TEST_F(link_watch_test, link_that_is_gone_is_told_once_and_not_if_it_soon_comes_back)
{
	EXPECT_EQ(update(why, 0s), verdict::nothing_new);
	EXPECT_EQ(update(why, 4s), verdict::nothing_new);
	EXPECT_EQ(update("", 5s), verdict::nothing_new);
	EXPECT_EQ(update(why, 6s), verdict::nothing_new);
	EXPECT_EQ(m_watch.text(), "");
	EXPECT_EQ(update(why, 11s), verdict::is_gone);
	EXPECT_EQ(m_watch.text(), "this machine has no link: eth0 has no carrier");
	EXPECT_EQ(update(why, 12s), verdict::nothing_new);
	EXPECT_TRUE(m_watch.is_gone());
}

TEST_F(link_watch_test, that_it_was_gone_is_told_for_a_while_afterwards)
{
	update(why, 0s);
	update(why, 10s);
	EXPECT_EQ(update("", 30s), verdict::is_back);
	EXPECT_FALSE(m_watch.is_gone());
	EXPECT_EQ(m_watch.text(), "this machine had no link for 30 seconds");
	EXPECT_EQ(update("", 39s), verdict::nothing_new);
	EXPECT_NE(m_watch.text(), "");
	EXPECT_EQ(update("", 40s), verdict::nothing_new);
	EXPECT_EQ(m_watch.text(), "");
}

} // namespace
} // namespace rawswarm
