// SPDX-License-Identifier: BSD-3-Clause
// `rawswarm status` and `stop`, and the sockets of agents that run, are killed, or are another user's.
// Each test has a /run of its own, in a mount namespace.
#include "tests/support/network/raw_peer.hpp"
#include "tests/support/network/stock_client.hpp"
#include "tests/support/program/controlled_agents.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <memory>
#include <optional>
#include <thread>

#include <sys/types.h>

namespace rawswarm::test
{

namespace
{

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;
using nlohmann::json;
using strings = std::vector<std::string>;

constexpr int mib = 1024 * 1024;

} // namespace

TEST_F(control, status_shows_of_each_agent_and_target_what_the_bar_shows)
{
	auto const seeder = start_seeder({"--name", "golden"});
	auto const client = start_client("target.img", {"--name", "lab-3"});
	auto const all = ask({"status"});
	ASSERT_TRUE(exits_with(all, exit_code::done));
	EXPECT_NE(all.out.find(fmt::format("process {}, job golden, up ", seeder->pid())), std::string::npos)
		<< all.out;
	EXPECT_NE(all.out.find(fmt::format("  {}: seeding 100.0%  ", m_image.source_path)), std::string::npos)
		<< all.out;
	auto const one = ask({"status", "--socket", socket_of(*client)});
	ASSERT_TRUE(exits_with(one, exit_code::done));
	EXPECT_TRUE(one.out.starts_with(fmt::format("process {}, job lab-3, up ", client->pid()))) << one.out;
	EXPECT_NE(one.out.find(fmt::format("  {}: downloading 0.0%  0 B of ", m_image.dir / "target.img")),
		std::string::npos)
		<< one.out;
	EXPECT_EQ(std::ranges::count(one.out, '\n'), 2) << one.out;
	EXPECT_NE(all.out.find("job lab-3"), std::string::npos) << all.out;
}

TEST_F(control, status_has_every_count_rate_and_peer_while_the_image_arrives)
{
	prepared_image const image(extent_layout{.count = 400, .smallest = 50'000, .largest = 100'000});
	write_files(image.torrent, image.dir.path());
	stock_client slow;
	slow.limit_upload(4 * mib);
	slow.seed(image.torrent, image.dir.path());
	auto const agent =
		start({"run", "--torrent", image.torrent_path, "--device", image.dir / "target.img", "--create-file",
			"--listen", "127.0.0.1:0", "--no-lsd", "--peer", loopback(slow.port()), "--seed-seconds", "1"});
	json now;
	json target;
	for (auto const end = clock::now() + 15s; clock::now() < end; std::this_thread::sleep_for(50ms))
	{
		auto const asked = ask({"status", "--json"});
		now = asked.exit_code == 0 ? json::parse(asked.out).at("agents").at(0) : json();
		target = now.is_null() ? json() : now.at("targets").at(0);
		if (!target.is_null() && target.at("done") > 4 * mib && target.at("down") > 0
			&& target.contains("eta_s"))
		{
			break;
		}
	}
	ASSERT_FALSE(target.is_null()) << agent->err();
	EXPECT_EQ(now.at("version"), 1);
	EXPECT_EQ(now.at("pid"), agent->pid());
	EXPECT_EQ(now.at("socket"), socket_of(*agent));
	EXPECT_EQ(now.at("state"), "downloading");
	EXPECT_EQ(now.at("log"),
		json::parse(R"({"agent":"info","swarm":"info","storage":"info","beacon":"info","fetch":"info"})"));
	EXPECT_EQ(target.at("peers"), 1);
	EXPECT_GE(target.at("fetched"), target.at("done"));
	EXPECT_GT(target.at("wire_fetched"), 3 * mib); // counted a moment later
	EXPECT_TRUE(target.contains("eta_s"));
	auto const peer = target.at("peer_list").at(0);
	EXPECT_EQ(peer.at("address"), loopback(slow.port()));
	EXPECT_EQ(peer.at("done"), 1.0);
	EXPECT_EQ(peer.at("dialled"), true);
	EXPECT_EQ(peer.at("serves"), true);
	EXPECT_GT(peer.at("downloaded"), 3 * mib);
	EXPECT_GT(peer.at("down"), 0);
	auto const storage = now.at("storage");
	EXPECT_GT(storage.at("pool_blocks"), 0);
	EXPECT_GT(storage.at("hashed"), 0);
	for (auto const* const key : {"dirty", "clean", "writing", "handed_out", "cache_hit", "blocks_per_write",
			 "p50_ms", "p99_ms", "packing_ms", "unpacking_ms"})
	{
		EXPECT_TRUE(storage.contains(key)) << key;
	}
	EXPECT_TRUE(storage.at("flushes").contains("full_run"));
	EXPECT_TRUE(exits_with(*agent, exit_code::done));
}

TEST_F(control, stop_ends_an_agent_within_a_second_if_nothing_is_dirty_and_waits_for_its_end)
{
	for (bool const is_seed : {true, false})
	{
		auto const agent = is_seed ? start_seeder() : start_client("target.img");
		auto const begin = clock::now();
		auto const stopped = ask({"stop"});
		auto const took = clock::now() - begin;
		ASSERT_TRUE(exits_with(stopped, exit_code::done));
		EXPECT_EQ(stopped.out,
			fmt::format(
				"process {} has ended with 143{}\n", agent->pid(), is_seed ? "" : ": stopped by SIGTERM"));
		EXPECT_TRUE(exits_with(*agent, exit_code::terminated, 500ms));
		EXPECT_LT(took, 1s);
		EXPECT_FALSE(m_run->has(socket_of(*agent)));
	}
}

TEST_F(control, stop_in_the_middle_is_as_orderly_as_a_signal)
{
	prepared_image const image(extent_layout{.count = 400, .smallest = 50'000, .largest = 100'000});
	write_files(image.torrent, image.dir.path());
	stock_client slow;
	slow.limit_upload(4 * mib);
	slow.seed(image.torrent, image.dir.path());
	auto const agent = start({"run", "--json", "--torrent", image.torrent_path, "--device",
		image.dir / "target.img", "--create-file", "--listen", "127.0.0.1:0", "--no-lsd", "--peer",
		loopback(slow.port()), "--on-failure", "continue"});
	bool is_under_way = false;
	for (auto const end = clock::now() + 15s; !is_under_way && clock::now() < end;)
	{
		std::this_thread::sleep_for(50ms);
		auto const asked = ask({"status", "--json"});
		is_under_way = asked.exit_code == 0
			&& json::parse(asked.out).at("agents").at(0).at("targets").at(0).at("done") > 2 * mib;
	}
	ASSERT_TRUE(is_under_way) << agent->err();
	auto const stopped = ask({"stop", "--json"});
	ASSERT_TRUE(exits_with(stopped, exit_code::done));
	auto const answer = json::parse(stopped.out);
	EXPECT_EQ(answer.at("pid"), agent->pid());
	EXPECT_EQ(answer.at("exit_code"), exit_code::terminated);
	EXPECT_EQ(answer.at("error").at("text"), "stopped by SIGTERM");
	ASSERT_TRUE(exits_with(*agent, exit_code::terminated, 1s));
	auto const target = json::parse(agent->out()).at("targets").at(0);
	EXPECT_GT(target.at("synced"), 2 * mib);
	EXPECT_EQ(target.at("synced"), target.at("written"));
}

TEST_F(control, of_two_agents_the_one_that_is_meant_must_be_named)
{
	auto const first = start_client("a.img");
	auto const second = start_client("b.img", {"--socket", m_image.dir / "b.sock"});
	auto const third = start_client("c.img");
	EXPECT_EQ(status().at("agents").size(), 2u) << "one listens elsewhere";
	for (auto const& words : {strings{"stop"}, strings{"log", "debug"}})
	{
		auto const asked = ask(words);
		EXPECT_TRUE(exits_with(asked, exit_code::usage));
		EXPECT_NE(asked.err.find(socket_of(*first) + ", " + socket_of(*third)), std::string::npos)
			<< asked.err;
	}
	EXPECT_TRUE(exits_with(ask({"stop", "--socket", m_image.dir / "b.sock"}), exit_code::done));
	EXPECT_TRUE(exits_with(*second, exit_code::terminated, 1s));
	EXPECT_FALSE(std::filesystem::exists(m_image.dir / "b.sock"));
	EXPECT_TRUE(exits_with(ask({"stop", "--socket", socket_of(*first)}), exit_code::done));
	EXPECT_TRUE(exits_with(*first, exit_code::terminated, 1s));
	EXPECT_TRUE(third->running());
	EXPECT_TRUE(exits_with(ask({"stop"}), exit_code::done));
}

TEST_F(control, only_root_may_ask_an_agent_of_roots)
{
	auto const usual = start_client("a.img");
	auto const elsewhere = start_client("b.img", {"--socket", m_image.dir / "b.sock"});
	std::filesystem::permissions(m_image.dir.path(), std::filesystem::perms::all);
	for (auto const* const verb : {"status", "stop"})
	{
		auto const asked = ask_as_nobody({verb});
		EXPECT_TRUE(exits_with(asked, exit_code::network));
		EXPECT_EQ(asked.err, "rawswarm: looking for agents in /run/rawswarm: Permission denied\n");
		auto const named = ask_as_nobody({verb, "--socket", m_image.dir / "b.sock"});
		EXPECT_TRUE(exits_with(named, exit_code::network));
		EXPECT_NE(named.err.find("b.sock: Permission denied"), std::string::npos) << named.err;
	}
	EXPECT_TRUE(usual->running() && elsewhere->running());
}

TEST_F(control, agent_of_another_user_works_and_listens_where_it_is_told)
{
	std::filesystem::permissions(m_image.dir.path(), std::filesystem::perms::all);
	auto const path = m_image.dir / "n.sock";
	m_port = free_port();
	auto const words =
		strings{"seed", m_image.torrent_path, m_image.source_path, "--no-lsd", "--listen", loopback(m_port)};
	{
		child_process plain(m_run->inside(as_nobody(rawswarm_command(words))));
		ASSERT_TRUE(wait_for_listener(m_port, 10s)) << plain.err();
		EXPECT_EQ(plain.err().find("no status"), std::string::npos) << plain.err();
	}
	m_port = free_port();
	child_process told(m_run->inside(as_nobody(rawswarm_command({"seed", m_image.torrent_path,
		m_image.source_path, "--no-lsd", "--listen", loopback(m_port), "--socket", path}))));
	ASSERT_TRUE(wait_for_listener(m_port, 10s)) << told.err();
	EXPECT_TRUE(exits_with(ask_as_nobody({"status", "--socket", path}), exit_code::done));
	EXPECT_TRUE(exits_with(ask({"status", "--socket", path}), exit_code::done)) << "root may";
}

TEST_F(control, without_an_agent_one_sentence_says_so)
{
	for (auto const& words : {strings{"status"}, strings{"stop"}, strings{"log", "debug"}})
	{
		auto const asked = ask(words);
		EXPECT_TRUE(exits_with(asked, exit_code::network));
		EXPECT_EQ(asked.err, "rawswarm: no agent runs on this machine: none listens in /run/rawswarm\n");
	}
	auto const path = m_image.dir / "none.sock";
	EXPECT_EQ(ask({"status", "--socket", path}).err,
		"rawswarm: asking the agent at " + path + ": No such file or directory\n");
}

TEST_F(control, socket_of_an_agent_that_was_killed_is_no_agent_and_the_next_one_removes_it)
{
	auto const killed = start_client("a.img");
	auto const left = socket_of(*killed);
	killed->signal(SIGKILL);
	killed->wait(5s);
	ASSERT_TRUE(m_run->has(left));
	EXPECT_TRUE(exits_with(ask({"status"}), exit_code::network));
	auto const next = start_client("b.img");
	EXPECT_FALSE(m_run->has(left));
	EXPECT_TRUE(m_run->has(socket_of(*next)));
	EXPECT_TRUE(exits_with(ask({"stop"}), exit_code::done));
}

TEST_F(control, agent_that_hangs_is_named_and_the_others_are_shown)
{
	auto const hanging = start_client("a.img");
	auto const working = start_client("b.img");
	// its job runs in a child process
	auto const child = run_checked({"pgrep", "--parent", std::to_string(hanging->pid())});
	::kill(static_cast<pid_t>(std::stol(child)), SIGSTOP);
	auto const asked = ask({"status"});
	::kill(static_cast<pid_t>(std::stol(child)), SIGCONT);
	EXPECT_TRUE(exits_with(asked, exit_code::network));
	EXPECT_EQ(asked.err,
		fmt::format("rawswarm: asking the agent at {}: Connection timed out\n", socket_of(*hanging)));
	EXPECT_NE(asked.out.find(fmt::format("process {}", working->pid())), std::string::npos) << asked.out;
}

TEST_F(control, path_that_no_socket_can_have_is_a_wrong_command_line)
{
	auto const path = "/tmp/" + std::string(103, 'a');
	for (auto const& words : {strings{"status", "--socket", path},
			 strings{"seed", m_image.torrent_path, m_image.source_path, "--socket", path}})
	{
		auto const asked = ask(words);
		EXPECT_TRUE(exits_with(asked, exit_code::usage));
		EXPECT_NE(
			asked.err.find("--socket: the path of a socket has 1 to 107 bytes, not 108"), std::string::npos)
			<< asked.err;
	}
}

TEST_F(control, job_is_done_where_run_is_read_only_and_where_the_path_is_taken)
{
	auto const seeder = start_seeder();
	strings const words{"run", "--torrent", m_image.torrent_path, "--create-file", "--listen", "127.0.0.1:0",
		"--no-lsd", "--peer", loopback(m_port), "--seed-seconds", "0", "--device"};
	m_run.emplace("ro");
	auto quiet = words;
	quiet.push_back(m_image.dir / "a.img");
	auto const done = ask(quiet);
	EXPECT_TRUE(exits_with(done, exit_code::done));
	EXPECT_EQ(done.err.find("/run"), std::string::npos) << done.err;

	write_file(m_image.dir / "file", "precious");
	auto told = words;
	told.insert(told.end(), {m_image.dir / "b.img", "--socket", m_image.dir / "file"});
	auto const warned = ask(told);
	EXPECT_TRUE(exits_with(warned, exit_code::done));
	EXPECT_NE(warned.err.find("file: Address already in use: no status, log or stop for this agent"),
		std::string::npos)
		<< warned.err;
	EXPECT_EQ(read_file(m_image.dir / "file"), "precious");
}

TEST_F(control, agent_that_boots_can_be_asked_as_well)
{
	auto job = loopback_job({free_port()});
	job["targets"].push_back(image_target(m_image.torrent_path, m_image.dir / "target.img"));
	write_file(m_image.dir / "job.json", job.dump());
	write_file(m_image.dir / "cmdline", "rd.rawswarm.job=" + (m_image.dir / "job.json"));
	auto const agent = start({"boot", "--cmdline", m_image.dir / "cmdline", "--kmsg", m_image.dir / "kmsg"});
	ASSERT_TRUE(agent->wait_for_text("rawswarm: downloading", 10s)) << agent->err();
	EXPECT_EQ(status().at("agents").at(0).at("pid"), agent->pid());
	EXPECT_TRUE(exits_with(ask({"stop"}), exit_code::done));
	EXPECT_TRUE(exits_with(*agent, exit_code::terminated, 1s));
}

} // namespace rawswarm::test
