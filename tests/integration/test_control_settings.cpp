// SPDX-License-Identifier: BSD-3-Clause
// `rawswarm set` and `log`: what a person changes while an agent runs.
#include "tests/support/network/raw_peer.hpp"
#include "tests/support/program/controlled_agents.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

namespace rawswarm::test
{

namespace
{

using namespace std::chrono_literals;
using nlohmann::json;

constexpr int mib = 1024 * 1024;

} // namespace

TEST_F(control, settings_are_changed_while_the_agent_runs_and_seen_in_its_status)
{
	auto const seeder = start_seeder();
	auto const changed = ask({"set", "memory=48M", "writers=3", "readers=5", "coalesce.max_blocks=96",
		"coalesce.min_blocks=2", "coalesce.timeout_ms=750", "log=warn,storage=debug"});
	ASSERT_TRUE(exits_with(changed, exit_code::done));
	EXPECT_NE(changed.out.find("memory=50331648 threads=8\n"), std::string::npos) << changed.out;
	auto const now = status().at("agents").at(0);
	auto const& settings = now.at("settings");
	EXPECT_EQ(settings.at("memory"), 48 * mib);
	auto const& target = settings.at("targets").at(0);
	EXPECT_EQ(target.at("device"), m_image.source_path);
	EXPECT_EQ(target.at("writers"), 3);
	EXPECT_EQ(target.at("readers"), 5);
	EXPECT_EQ(target.at("coalesce"), (json{{"max_blocks", 96}, {"min_blocks", 2}, {"timeout_ms", 750}}));
	EXPECT_EQ(now.at("log").at("storage"), "debug");
	EXPECT_EQ(now.at("log").at("agent"), "warn");
	EXPECT_EQ(now.at("storage").at("pool_blocks"), 48 * mib / (16 * 1024)) << "the backend works with it";
}

TEST_F(control, settings_of_one_device_are_changed_there_alone)
{
	auto const seeder = start_seeder();
	auto const before = status().at("agents").at(0).at("settings");
	ASSERT_TRUE(exits_with(ask({"set", m_image.source_path, "writers=7"}), exit_code::done));
	auto const after = status().at("agents").at(0).at("settings");
	EXPECT_EQ(after.at("targets").at(0).at("writers"), 7);
	EXPECT_EQ(after.at("targets").at(0).at("readers"), before.at("targets").at(0).at("readers"));
	EXPECT_EQ(after.at("memory"), before.at("memory"));
}

TEST_F(control, wrong_settings_are_refused_in_one_sentence_and_change_nothing)
{
	auto const seeder = start_seeder();
	auto const before = status().at("agents").at(0).at("settings");
	for (auto const& words :
		{strings{"set", "memory=1M"}, strings{"set", "writers=4", "readers=0"}, strings{"set", "speed=high"},
			strings{"set", "writers=4", "coalesce.max_blocks=2", "coalesce.min_blocks=3"}})
	{
		auto const refused = ask(words);
		EXPECT_TRUE(exits_with(refused, exit_code::usage));
		EXPECT_EQ(std::ranges::count(refused.err, '\n'), 1) << refused.err;
	}
	EXPECT_TRUE(exits_with(ask({"set", "/dev/nothing", "writers=4"}), exit_code::target));
	EXPECT_EQ(status().at("agents").at(0).at("settings"), before);
}

TEST_F(control, levels_of_the_log_change_while_the_agent_runs)
{
	auto const agent = start_seeder();
	raw_peer::dial(m_port).send(bittorrent_handshake(m_image.torrent.info_hash, "-XX0001-000000000001"));
	auto const changed = ask({"log", "swarm=debug"});
	ASSERT_TRUE(exits_with(changed, exit_code::done));
	EXPECT_EQ(changed.out, "agent=info,swarm=debug,storage=info,beacon=info,fetch=info\n");
	EXPECT_TRUE(agent->wait_for_text("[agent] info: log levels: info,swarm=debug\n", 2s)) << agent->err();
	EXPECT_EQ(agent->err().find("has connected"), std::string::npos) << agent->err();
	raw_peer::dial(m_port).send(bittorrent_handshake(m_image.torrent.info_hash, "-XX0001-000000000002"));
	EXPECT_TRUE(agent->wait_for_text("[swarm] debug: 127.0.0.1:", 5s)) << agent->err();
	EXPECT_TRUE(agent->wait_for_text(" has connected\n", 5s)) << agent->err();
	EXPECT_EQ(status().at("agents").at(0).at("log").at("swarm"), "debug");
	EXPECT_EQ(json::parse(ask({"log", "warn", "--json"}).out).at("log").at("swarm"), "warn");
	EXPECT_TRUE(exits_with(ask({"log", "loud"}), exit_code::usage));
	EXPECT_TRUE(exits_with(ask({"log"}), exit_code::usage));
}

} // namespace rawswarm::test
