// SPDX-License-Identifier: BSD-3-Clause
// A machine whose own cable is pulled: it is told so rather than that there are no peers.
#include "tests/support/base/skip.hpp"
#include "tests/support/base/wait_until.hpp"
#include "tests/support/network/beacon_listener.hpp"
#include "tests/support/network/own_network.hpp"
#include "tests/support/program/prepared_image.hpp"
#include "tests/support/program/rawswarm_program.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <sstream>
#include <string>

namespace rawswarm::test
{

namespace
{

using namespace std::chrono_literals;

class own_link : public ::testing::Test
{
protected:
	void SetUp() override
	{
		SKIP_WITHOUT_ROOT();
		SKIP_WITHOUT("ip");
		m_network = std::make_unique<own_network>();
		own_network::ip("link add eth0 type veth peer name wire");
		own_network::ip("addr add 10.78.0.1/24 dev eth0");
		own_network::ip("link set eth0 up");
		own_network::ip("link set wire up");
		m_image = std::make_unique<prepared_image>(extent_layout{.count = 20});
		m_listener = std::make_unique<beacon_listener>();
		auto job = loopback_job();
		job["swarm"]["peers"] = {"10.78.0.2:6881"};
		job["beacon"] = {{"to", {m_listener->address()}}, {"interval_ms", 500}};
		job["targets"].push_back(image_target(m_image->torrent_path, m_image->dir / "target.img"));
		m_agent = std::make_unique<child_process>(run_command(m_image->dir, job));
		ASSERT_TRUE(m_listener->wait_for_state("downloading", 20s));
	}

	// With the first one of the kind, received before the call or within the timeout.
	bool beacon_says(std::string const& note, std::chrono::milliseconds const timeout) const
	{
		auto const says_so = [&note](nlohmann::json const& b) {
			return !b.at("targets").empty() && b.at("targets").at(0).value("note", "").starts_with(note);
		};
		return m_listener->wait_for(says_so, timeout).has_value();
	}

	// In a line of the progress, which is written every five seconds.
	bool screen_says(std::string const& note) const
	{
		return wait_until(
			[&] {
				std::istringstream lines(m_agent->err());
				for (std::string line; std::getline(lines, line);)
				{
					if (line.starts_with("rawswarm: downloading") && line.find(note) != std::string::npos)
					{
						return true;
					}
				}
				return false;
			},
			10s);
	}

	std::unique_ptr<own_network> m_network;
	std::unique_ptr<prepared_image> m_image;
	std::unique_ptr<beacon_listener> m_listener;
	std::unique_ptr<child_process> m_agent;
};

} // namespace

// Beacons go over loopback here, so that they can be seen meanwhile.
TEST_F(own_link, that_is_down_is_named_within_ten_seconds_and_told_of_once_it_is_back)
{
	std::string const down = "this machine has no link: eth0 has no carrier";
	own_network::ip("link set wire down");
	ASSERT_TRUE(beacon_says(down, 10s)) << m_agent->err();
	EXPECT_NE(m_agent->err().find("warning: " + down), std::string::npos) << m_agent->err();
	EXPECT_TRUE(screen_says(down)) << m_agent->err();
	own_network::ip("link set wire up");
	EXPECT_TRUE(beacon_says("this machine had no link for ", 5s)) << m_agent->err();
	EXPECT_EQ(m_agent->err().find("no peers"), std::string::npos) << m_agent->err();
}

TEST_F(own_link, that_is_switched_off_is_named)
{
	own_network::ip("link set wire down");
	own_network::ip("link set eth0 down");
	EXPECT_TRUE(beacon_says("this machine has no link: wire is down, eth0 is down", 10s)) << m_agent->err();
}

} // namespace rawswarm::test
