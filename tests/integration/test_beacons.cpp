// SPDX-License-Identifier: BSD-3-Clause
// The datagrams that the agent sends while it works.
#include "tests/support/device/device_content.hpp"
#include "tests/support/network/beacon_listener.hpp"
#include "tests/support/network/listeners.hpp"
#include "tests/support/program/prepared_image.hpp"
#include "tests/support/program/rawswarm_program.hpp"

#include <gtest/gtest.h>
#include <libtorrent/hex.hpp>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>

namespace rawswarm::test
{

namespace
{

using namespace std::chrono_literals;

std::string hmac_sha256(std::string const& key, std::string const& text)
{
	std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
	unsigned length = 0;
	::HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
		reinterpret_cast<unsigned char const*>(text.data()), text.size(), mac.data(), &length);
	return lt::aux::to_hex({reinterpret_cast<char const*>(mac.data()), static_cast<int>(length)});
}

class beacons : public ::testing::Test
{
protected:
	beacons()
		: m_image(extent_layout{.count = 100})
		, m_seeder(m_image.torrent_path, m_image.source_path)
		, m_job(loopback_job({m_seeder.port()}))
	{
		m_job["targets"].push_back(image_target(m_image.torrent_path, m_image.dir / "target.img"));
		m_job["beacon"] = {{"to", {m_listener.address()}}, {"interval_ms", 100}};
	}

	// All beacons of a run that ends well.
	std::vector<received_beacon> run_to_the_end()
	{
		EXPECT_TRUE(exits_with(run_job(m_image.dir, m_job), exit_code::done));
		EXPECT_TRUE(m_listener.wait_for_state("done", 5s));
		// The last three left before the program ended; loopback has delivered them by now.
		return m_listener.beacons();
	}

	beacon_listener m_listener;
	prepared_image m_image;
	seeding_agent m_seeder;
	nlohmann::json m_job;
};

} // namespace

// The quickest of three starts counts: a busy machine may hold up one of them.
TEST_F(beacons, first_leaves_within_200_milliseconds_of_the_start)
{
	auto quickest = std::chrono::milliseconds::max();
	for (int start = 0; start < 3 && quickest > 200ms; ++start)
	{
		beacon_listener const listener;
		m_job["beacon"]["to"] = {listener.address()};
		child_process const agent(run_command(m_image.dir, m_job));
		auto const first = listener.wait_for([](auto const&) { return true; }, 10s);
		ASSERT_TRUE(first);
		EXPECT_EQ(first->json.value("state", ""), "starting") << first->text;
		quickest = std::min(
			quickest, std::chrono::duration_cast<std::chrono::milliseconds>(first->at - agent.started()));
	}
	EXPECT_LE(quickest, 200ms);
}

TEST_F(beacons, each_is_one_small_datagram_with_the_same_run_and_a_higher_number)
{
	auto const all = run_to_the_end();
	ASSERT_GE(all.size(), 4u);
	std::int64_t last = -1;
	for (auto const& beacon : all)
	{
		EXPECT_LE(beacon.text.size(), 1400u);
		ASSERT_TRUE(beacon.json.is_object()) << beacon.text;
		EXPECT_EQ(beacon.json.value("rawswarm", 0), 1) << beacon.text;
		EXPECT_EQ(beacon.json.value("job", ""), "test");
		EXPECT_EQ(beacon.json.value("run", ""), all.front().json.value("run", "-"));
		EXPECT_GT(beacon.json.value("seq", std::int64_t{-1}), last) << beacon.text;
		last = beacon.json.value("seq", std::int64_t{-1});
	}
}

TEST_F(beacons, end_in_three_that_say_done_and_how_much)
{
	auto const all = run_to_the_end();
	ASSERT_GE(all.size(), 3u);
	auto const total = static_cast<std::int64_t>(total_size(m_image.torrent.files));
	for (auto at = all.end() - 3; at != all.end(); ++at)
	{
		EXPECT_EQ(at->json.value("state", ""), "done") << at->text;
		auto const& target = at->json.at("targets").at(0);
		EXPECT_EQ(target.value("state", ""), "done");
		EXPECT_EQ(target.value("info_hash", ""), m_image.torrent.info_hash);
		EXPECT_EQ(target.value("device", ""), m_image.dir / "target.img");
		for (auto const* counter : {"total", "done", "written", "synced"})
		{
			EXPECT_EQ(target.value(counter, std::int64_t{-1}), total) << counter;
		}
		EXPECT_FALSE(at->json.contains("error")) << at->text;
	}
}

TEST_F(beacons, counters_never_pass_what_they_follow)
{
	m_job["swarm"]["download_limit"] = 2 * 1024 * 1024;
	for (auto const& beacon : run_to_the_end())
	{
		for (auto const& target : beacon.json.value("targets", nlohmann::json::array()))
		{
			EXPECT_LE(target.value("synced", 0), target.value("written", 0)) << beacon.text;
			EXPECT_LE(target.value("written", 0), target.value("total", 0)) << beacon.text;
			EXPECT_LE(target.value("done", 0), target.value("total", 0)) << beacon.text;
		}
	}
}

TEST_F(beacons, are_signed_with_the_key_of_the_key_file)
{
	std::string const key = "a key that the room shares";
	write_file(m_image.dir / "beacon.key", key + "\n");
	m_job["beacon"]["key_file"] = "beacon.key";

	auto const all = run_to_the_end();

	ASSERT_FALSE(all.empty());
	for (auto const& beacon : all)
	{
		EXPECT_LE(beacon.text.size(), 1400u);
		auto const end = beacon.text.rfind(",\"mac\":\"");
		ASSERT_NE(end, std::string::npos) << beacon.text;
		EXPECT_EQ(
			beacon.text.substr(end), ",\"mac\":\"" + hmac_sha256(key, beacon.text.substr(0, end)) + "\"}");
	}
}

TEST_F(beacons, that_nobody_receives_are_no_error)
{
	m_job["beacon"]["to"] = {loopback(9), "127.0.0.1:1"};
	EXPECT_TRUE(exits_with(run_job(m_image.dir, m_job), exit_code::done));
}

} // namespace rawswarm::test
