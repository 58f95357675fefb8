// SPDX-License-Identifier: BSD-3-Clause
#include "agent/swarm/tracker_watch.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace rawswarm
{
namespace
{

using namespace std::chrono_literals;
using lines = std::vector<std::string>;

tracker_watch::address from(char const* const address)
{
	return {boost::asio::ip::make_address(address), 6881};
}

class tracker_watch_test : public ::testing::Test
{
protected:
	tracker_watch m_trackers;
	tracker_watch::clock::time_point m_now{1h};
	std::string const m_url = "udp://server:6969/announce";
};

TEST_F(tracker_watch_test, silent_tracker_is_warned_about_once_after_ten_seconds_and_then_said_to_be_back)
{
	m_trackers.failed(m_url, from("10.0.0.2"), "Connection refused", m_now);
	EXPECT_EQ(m_trackers.silent(m_now + 9s), lines{});
	EXPECT_EQ(m_trackers.silent(m_now + 10s),
		(lines{"tracker udp://server:6969/announce does not answer: Connection refused; it is asked again "
			   "until it "
			   "does"}));
	m_trackers.failed(m_url, from("10.0.0.2"), "timed out", m_now + 40s);
	EXPECT_EQ(m_trackers.silent(m_now + 1h), lines{});
	EXPECT_EQ(m_trackers.reasons(), "udp://server:6969/announce: timed out");
	EXPECT_EQ(
		m_trackers.answered(m_url, from("10.0.0.2")), "tracker udp://server:6969/announce answers again");
	EXPECT_EQ(m_trackers.reasons(), "");
	EXPECT_FALSE(m_trackers.answered(m_url, from("10.0.0.2")));
}

TEST_F(tracker_watch_test, tracker_that_answers_one_of_our_addresses_is_there)
{
	m_trackers.failed(m_url, from("fd00::2"), "Network is unreachable", m_now);
	EXPECT_FALSE(m_trackers.answered(m_url, from("10.0.0.2")));
	m_trackers.failed(m_url, from("fd00::2"), "Network is unreachable", m_now + 20s);
	EXPECT_EQ(m_trackers.silent(m_now + 1h), lines{});
	EXPECT_EQ(m_trackers.reasons(), "");
	m_trackers.failed(m_url, from("10.0.0.2"), "timed out", m_now + 1h);
	EXPECT_EQ(m_trackers.silent(m_now + 1h + 10s).size(), 1u);
}

TEST_F(tracker_watch_test, what_a_tracker_says_cannot_drive_the_terminal)
{
	m_trackers.failed(m_url, from("10.0.0.2"), "\x1b[2J", m_now);
	m_trackers.failed("http://other/", from("10.0.0.2"), "gone", m_now);
	EXPECT_EQ(m_trackers.reasons(), "http://other/: gone; udp://server:6969/announce: ?[2J");
}

} // namespace
} // namespace rawswarm
