// SPDX-License-Identifier: BSD-3-Clause
// Agents that are asked by their sockets, in a /run of the test's own, in a mount namespace.
#pragma once

#include "tests/support/base/skip.hpp"
#include "tests/support/network/free_port.hpp"
#include "tests/support/network/listeners.hpp"
#include "tests/support/program/own_run.hpp"
#include "tests/support/program/prepared_image.hpp"
#include "tests/support/program/rawswarm_program.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace rawswarm::test
{

class control : public ::testing::Test
{
protected:
	using strings = std::vector<std::string>;

	void SetUp() override
	{
		SKIP_WITHOUT_ROOT();
		m_run.emplace();
	}

	run_result ask(strings const& words)
	{
		return run(m_run->inside(rawswarm_command(words)), std::chrono::seconds(25));
	}

	// The same as a user who is nobody.
	run_result ask_as_nobody(strings const& words)
	{
		return run(m_run->inside(as_nobody(rawswarm_command(words))), std::chrono::seconds(25));
	}

	static child_options as_nobody(child_options command)
	{
		strings argv{"setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "--"};
		argv.insert(argv.end(), command.argv.begin(), command.argv.end());
		command.argv = std::move(argv);
		return command;
	}

	std::unique_ptr<child_process> start(strings const& words)
	{
		return std::make_unique<child_process>(m_run->inside(rawswarm_command(words)));
	}

	// Returns once it listens, and so can be asked.
	std::unique_ptr<child_process> start_seeder(strings const& more = {})
	{
		m_port = free_port();
		strings words{
			"seed", m_image.torrent_path, m_image.source_path, "--listen", loopback(m_port), "--no-lsd"};
		words.insert(words.end(), more.begin(), more.end());
		auto agent = start(words);
		EXPECT_TRUE(wait_for_listener(m_port, std::chrono::seconds(10))) << agent->err();
		return agent;
	}

	// Waits for a peer that does not come.
	std::unique_ptr<child_process> start_client(std::string const& target, strings const& more = {})
	{
		strings words{"run", "--torrent", m_image.torrent_path, "--device", m_image.dir / target,
			"--create-file", "--listen", "127.0.0.1:0", "--no-lsd", "--on-failure", "continue", "--peer",
			loopback(free_port())};
		words.insert(words.end(), more.begin(), more.end());
		auto agent = start(words);
		EXPECT_TRUE(agent->wait_for_text("rawswarm: downloading", std::chrono::seconds(10))) << agent->err();
		return agent;
	}

	static std::string socket_of(child_process const& agent)
	{
		return fmt::format("/run/rawswarm/{}.sock", agent.pid());
	}

	nlohmann::json status()
	{
		auto const asked = ask({"status", "--json"});
		EXPECT_TRUE(exits_with(asked, exit_code::done));
		return nlohmann::json::parse(asked.out);
	}

	prepared_image m_image{extent_layout{.count = 20}};
	std::uint16_t m_port = 0; // of the seeder
	std::optional<own_run> m_run;
};

} // namespace rawswarm::test
