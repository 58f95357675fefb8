// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/progress_watch.hpp"

#include <gtest/gtest.h>

#include <string>

namespace rawswarm
{
namespace
{

using namespace std::chrono_literals;

class progress_watch_test : public ::testing::Test
{
protected:
	progress_watch_test()
	{
		m_advance.state = job_state::downloading;
		m_advance.total = 1000;
		m_advance.done = 400;
		m_advance.peers = 1;
	}

	// The error's text; empty: none.
	std::string check(std::chrono::seconds const after, std::chrono::seconds const timeout = 30s)
	{
		auto const e = m_watch.check(m_advance, timeout, m_start + after);
		return e ? e->text : "";
	}

	progress_watch::clock::time_point const m_start{};
	progress_watch m_watch{"/dev/sda", [] { return std::string("nobody is there"); }, m_start};
	target_advance m_advance;
};

TEST_F(progress_watch_test, target_without_progress_fails_at_its_limit)
{
	m_advance.useful = 1;
	EXPECT_EQ(check(10s), "");
	EXPECT_EQ(check(39s), "");
	EXPECT_EQ(check(40s), "downloading to /dev/sda: no progress for 30 seconds, 400 of 1000 bytes done");
	EXPECT_EQ(check(400s, 0s), "");
	m_advance.useful = 2;
	EXPECT_EQ(check(401s), "");
}

TEST_F(progress_watch_test, error_of_a_target_without_peers_says_why_there_are_none)
{
	m_advance.peers = 0;
	EXPECT_TRUE(check(30s).ends_with("bytes done; no peers: nobody is there")) << check(30s);
}

TEST_F(progress_watch_test, sync_has_no_limit_here_and_writes_have)
{
	m_advance.state = job_state::flushing;
	m_advance.is_syncing = true;
	EXPECT_EQ(check(40s), "");
	m_advance.is_syncing = false;
	m_advance.written = 0;
	EXPECT_EQ(check(41s), "flushing /dev/sda: no progress for 30 seconds, 0 of 1000 bytes written");
}

TEST_F(progress_watch_test, target_that_waits_for_others_says_so_and_does_not_fail)
{
	m_watch.await_others(m_start);
	EXPECT_EQ(check(0s), "");
	EXPECT_EQ(m_watch.note(), "");
	EXPECT_EQ(check(100s), "");
	EXPECT_EQ(m_watch.note(), "waits until the other targets of its torrent are checked");
	m_watch.joined();
	m_watch.restart(m_start + 100s);
	EXPECT_EQ(m_watch.note(), "");
	EXPECT_EQ(check(129s), "");
	EXPECT_NE(check(130s), "");
}

TEST_F(progress_watch_test, what_is_missing_is_said_after_a_minute_and_no_longer_once_it_is_there)
{
	m_advance.peers = 2;
	EXPECT_EQ(check(59s, 0s), "");
	EXPECT_EQ(m_watch.note(), "");
	EXPECT_EQ(check(60s, 0s), "");
	EXPECT_EQ(m_watch.note(), "nothing arrives from 2 peers");
	m_advance.peers = 0;
	EXPECT_EQ(check(120s, 0s), "");
	EXPECT_EQ(m_watch.note(), "no peers: nobody is there");
	m_advance.useful = 1;
	EXPECT_EQ(check(121s, 0s), "");
	EXPECT_EQ(m_watch.note(), "");
}

} // namespace
} // namespace rawswarm
