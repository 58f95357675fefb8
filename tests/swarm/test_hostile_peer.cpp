// SPDX-License-Identifier: BSD-3-Clause
// A peer that sends wrong data, among others that do not.
#include "tests/support/base/temp_dir.hpp"
#include "tests/support/base/wait_until.hpp"
#include "tests/support/network/stock_client.hpp"
#include "tests/support/program/room_test.hpp"

#include <fmt/format.h>
#include <libtorrent/torrent_info.hpp>

#include <memory>
#include <regex>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace rawswarm::test
{

namespace
{

using namespace std::chrono_literals;

class hostile_peer : public room_test
{
protected:
	// Seeds the image with every block altered, as fast as any other peer.
	std::unique_ptr<stock_client> start_hostile(std::size_t const host)
	{
		auto const wrong = folder() + "/wrong";
		auto content = read_file(image().image);
		for (std::size_t i = 0; i < content.size(); i += block)
		{
			content[i] = static_cast<char>(content[i] ^ 1);
		}
		auto const name = lt::torrent_info(image().torrent).files().file_path(lt::file_index_t(0));
		write_file(wrong + "/" + name, content);
		net_namespace::visit const inside(hosts().host(host));
		auto client = std::make_unique<stock_client>(fmt::format("0.0.0.0:{}", room_agents::port));
		client->seed_unverified(read_file(image().torrent), wrong);
		return client;
	}

	// The addresses that the host's agent says it banned, each as often as it says so.
	std::multiset<std::string> banned_by(std::size_t const host)
	{
		std::regex const sentence(R"(banned (\S+): it sent wrong data for piece \d+)");
		auto const log = agents().log(host);
		std::multiset<std::string> banned;
		for (std::sregex_iterator it(log.begin(), log.end(), sentence); it != std::sregex_iterator(); ++it)
		{
			banned.insert((*it)[1]);
		}
		return banned;
	}

private:
	static constexpr std::size_t block = 16 * 1024;
};

} // namespace

TEST_F(hostile_peer, that_sends_wrong_pieces_is_banned_and_named)
{
	make({.clients = 2, .mbit = 100});
	auto const hostile = start_hostile(1);
	agents().start_seeder();
	auto job = agents().client_job(2);
	job["swarm"]["peers"] = {room_agents::peer(1), room_agents::peer(0)};
	agents().start(2, job);
	ASSERT_TRUE(agents().are_done({2}, 30s));
	EXPECT_TRUE(agents().are_right({2}));
	EXPECT_GT(hostile->uploaded(), 0);
	EXPECT_EQ(banned_by(2), std::multiset{room_agents::peer(1)}) << agents().log(2);
}

// The hostile one dials again every second.
TEST_F(hostile_peer, that_was_banned_and_dials_is_not_let_in_again)
{
	make({.clients = 2, .mbit = 100});
	auto const hostile = start_hostile(1);
	auto job = agents().client_job(2);
	job["swarm"]["peers"] = {room_agents::peer(1), room_agents::peer(0)};
	agents().start(2, job);
	ASSERT_TRUE(wait_until([&] { return !banned_by(2).empty(); }, 10s)) << agents().log(2);
	std::this_thread::sleep_for(4s);
	EXPECT_EQ(banned_by(2), std::multiset{room_agents::peer(1)}) << agents().log(2);
	agents().start_seeder();
	ASSERT_TRUE(agents().are_done({2}, 30s));
	EXPECT_TRUE(agents().are_right({2}));
	EXPECT_EQ(banned_by(2), std::multiset{room_agents::peer(1)}) << agents().log(2);
}

// Fewer pieces than peers, so that each piece has blocks of many peers. The hostile one may end without a
// ban: a suspect is asked for whole pieces only, and none may be left.
TEST_F(hostile_peer, whose_blocks_are_in_every_piece_takes_nobody_along_and_holds_up_nobody)
{
	make({.clients = 6, .mbit = 100, .mib = 16, .piece_size = 4 * 1024 * 1024});
	auto const hostile = start_hostile(1);
	agents().start_seeder();
	for (auto const i : hosts_between(2, 5))
	{
		agents().start(i, agents().seeder_job());
	}
	ASSERT_TRUE(agents().are_done(hosts_between(2, 5), 20s));
	auto job = agents().client_job(6);
	job["swarm"]["peers"] = nlohmann::json::array();
	for (auto const i : hosts_between(0, 5))
	{
		job["swarm"]["peers"].push_back(room_agents::peer(i));
	}
	agents().start(6, job);
	ASSERT_TRUE(agents().are_done({6}, 30s));
	EXPECT_TRUE(agents().are_right({6}));
	EXPECT_GT(hostile->uploaded(), 0);
	auto banned = banned_by(6);
	EXPECT_LE(banned.erase(room_agents::peer(1)), 1u) << agents().log(6);
	EXPECT_TRUE(banned.empty()) << agents().log(6);
}

} // namespace rawswarm::test
