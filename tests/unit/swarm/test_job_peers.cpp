// SPDX-License-Identifier: BSD-3-Clause
#include "agent/swarm/job_peers.hpp"

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

job_peers::address at(char const* const address, std::uint16_t const port = 6881)
{
	return {boost::asio::ip::make_address(address), port};
}

class job_peers_test : public ::testing::Test
{
protected:
	// The attempt to reach an address fails once a second, up to the time and including it.
	void fail_until(job_peers::address const& a, std::chrono::seconds const end)
	{
		for (; m_now <= job_peers::clock::time_point(end); m_now += 1s)
		{
			m_peers.failed(a, "Connection refused", m_now);
			m_told = m_peers.unreachable(m_now);
			if (!m_told.empty())
			{
				m_warnings.insert(m_warnings.end(), m_told.begin(), m_told.end());
			}
		}
	}

	job_peers::clock::time_point m_now{0s};
	job_peers m_peers;
	lines m_told;
	lines m_warnings;
};

} // namespace

TEST_F(job_peers_test, a_peer_that_cannot_be_reached_for_ten_seconds_is_warned_about_once)
{
	m_peers.found("server:6881", at("10.0.0.1"), m_now);
	fail_until(at("10.0.0.1"), 9s);
	EXPECT_EQ(m_warnings, lines{});
	fail_until(at("10.0.0.1"), 10s);
	EXPECT_EQ(m_warnings,
		lines{"peer server:6881 cannot be reached for 10 seconds: Connection refused; it is dialled until it "
			  "answers"});
	fail_until(at("10.0.0.1"), 100s);
	EXPECT_EQ(m_warnings.size(), 1U);
}

TEST_F(job_peers_test, a_peer_that_was_warned_about_is_said_to_be_back_once)
{
	m_peers.found("server:6881", at("10.0.0.1"), m_now);
	fail_until(at("10.0.0.1"), 10s);
	EXPECT_EQ(m_peers.opened(at("10.0.0.1")), "peer server:6881 is back");
	m_peers.closed(at("10.0.0.1"));
	EXPECT_EQ(m_peers.opened(at("10.0.0.1")), std::nullopt);
}

TEST_F(job_peers_test, the_ten_seconds_begin_again_when_the_peer_is_lost_again)
{
	m_peers.found("server:6881", at("10.0.0.1"), m_now);
	fail_until(at("10.0.0.1"), 9s);
	EXPECT_EQ(m_peers.opened(at("10.0.0.1")), std::nullopt);
	m_peers.closed(at("10.0.0.1"));
	fail_until(at("10.0.0.1"), 19s);
	EXPECT_EQ(m_warnings, lines{});
	fail_until(at("10.0.0.1"), 20s);
	EXPECT_EQ(m_warnings.size(), 1U);
}

TEST_F(job_peers_test, a_peer_is_there_while_one_of_its_addresses_is_connected)
{
	m_peers.found("server:6881", at("10.0.0.1"), m_now);
	m_peers.found("server:6881", at("fd00::1"), m_now);
	EXPECT_FALSE(m_peers.is_open_elsewhere("server:6881", at("fd00::1")));
	m_peers.opened(at("10.0.0.1"));
	EXPECT_TRUE(m_peers.is_open_elsewhere("server:6881", at("fd00::1")));
	EXPECT_FALSE(m_peers.is_open_elsewhere("server:6881", at("10.0.0.1")));
	fail_until(at("fd00::1"), 30s);
	EXPECT_EQ(m_warnings, lines{});
	EXPECT_EQ(m_peers.reasons(m_now), "");
	m_peers.closed(at("10.0.0.1"));
	EXPECT_FALSE(m_peers.is_open_elsewhere("server:6881", at("fd00::1")));
}

// A machine that is done dials nobody.
TEST_F(job_peers_test, a_peer_that_is_no_longer_dialled_is_not_warned_about)
{
	m_peers.found("server:6881", at("10.0.0.1"), m_now);
	fail_until(at("10.0.0.1"), 1s);
	EXPECT_EQ(m_peers.unreachable(m_now + 60s), lines{});
	EXPECT_EQ(m_peers.reasons(m_now + 60s), "");
}

TEST_F(job_peers_test, the_reasons_of_all_missing_peers_are_told)
{
	m_peers.found("server:6881", at("10.0.0.1"), m_now);
	m_peers.found("10.0.0.2:6881", at("10.0.0.2"), m_now);
	m_peers.failed(at("10.0.0.1"), "it does not answer", m_now);
	m_peers.failed(at("10.0.0.2"), "Connection refused", m_now);
	EXPECT_EQ(m_peers.reasons(m_now), "server:6881: it does not answer; 10.0.0.2:6881: Connection refused");
}

TEST_F(job_peers_test, addresses_of_others_are_ignored)
{
	m_peers.found("server:6881", at("10.0.0.1"), m_now);
	EXPECT_EQ(m_peers.opened(at("10.0.0.1", 6882)), std::nullopt);
	m_peers.closed(at("10.0.0.9"));
	fail_until(at("10.0.0.9"), 60s);
	EXPECT_EQ(m_warnings, lines{});
}

} // namespace rawswarm
