// SPDX-License-Identifier: BSD-3-Clause
// A good web seed beside somebody who promises as much and delivers next to nothing: another server, a peer.
#include "tests/support/device/device_content.hpp"
#include "tests/support/network/member_text.hpp"
#include "tests/support/network/nginx_server.hpp"
#include "tests/support/network/raw_peer.hpp"
#include "tests/support/program/prepared_image.hpp"
#include "tests/support/program/rawswarm_program.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

namespace rawswarm::test
{

namespace
{

using namespace std::chrono_literals;

namespace id = peer_message_id;

class web_seed_pace : public ::testing::Test
{
protected:
	void SetUp() override { SKIP_WITHOUT_NGINX(); }

	nlohmann::json job(
		std::vector<std::string> const& web_seeds, std::vector<std::uint16_t> const& peers = {}) const
	{
		auto j = loopback_job(peers);
		j["swarm"]["web_seeds"] = web_seeds;
		j["targets"].push_back(image_target(m_image.torrent_path, m_image.dir / "target.img"));
		return j;
	}

	::testing::AssertionResult is_imaged() const
	{
		return device_equals(m_image.dir / "target.img", m_image.torrent.files, background::zeros);
	}

	// About 6 MiB in 25 pieces.
	prepared_image m_image{extent_layout{.count = 200, .largest = 64 * 1024}, {.piece_size = 256 * 1024}};
};

} // namespace

// Each piece would take two minutes there.
TEST_F(web_seed_pace, a_server_that_trickles_is_left_for_one_that_does_not)
{
	nginx_server const good(m_image.dir.path());
	nginx_server const slow(m_image.dir.path(), {.rate = "2k"});
	auto const result = run_job(m_image.dir, job({slow.url("source.img"), good.url("source.img")}), 20s);
	EXPECT_TRUE(exits_with(result, exit_code::done));
	EXPECT_TRUE(is_imaged());
	EXPECT_NE(result.err.find("faster ones come first"), std::string::npos) << result.err;
}

// One piece would come each 15 seconds.
TEST_F(web_seed_pace, a_member_that_says_it_has_all_and_never_sends_keeps_nobody_from_the_web_seed)
{
	nginx_server const good(m_image.dir.path());
	raw_listener listener;
	std::vector<raw_peer> held;
	std::jthread const liar([&](std::stop_token const& stop) {
		while (!stop.stop_requested())
		{
			auto p = listener.accept(100ms);
			if (!p)
			{
				continue;
			}
			p->read(raw_peer::handshake_bytes, 5s);
			p->send(member_handshake(m_image.torrent.info_hash, 1)
				+ greeting_message({.room = 60, .claim = 61, .number = 5}) + peer_message(id::have_all));
			held.push_back(std::move(*p)); // says nothing more
		}
	});
	auto const result = run_job(m_image.dir, job({good.url("source.img")}, {listener.port()}), 20s);
	EXPECT_TRUE(exits_with(result, exit_code::done));
	EXPECT_TRUE(is_imaged());
}

} // namespace rawswarm::test
