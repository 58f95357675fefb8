// SPDX-License-Identifier: BSD-3-Clause
// The program under test, as its users start it: command lines, job files, exit codes.
//
// The environment variable RAWSWARM names the binary. Without it every function here throws: a test that
// cannot find the program has failed.
#pragma once

#include "base/exit_codes.hpp"
#include "tests/support/base/child_process.hpp"
#include "tests/support/base/temp_dir.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <sys/types.h>

namespace rawswarm::test
{

namespace exit_code = rawswarm::exit_code;

// The command line `rawswarm ARGUMENTS…`, with an environment that holds no settings of the program.
child_options rawswarm_command(std::vector<std::string> const& arguments);

run_result run_rawswarm(
	std::vector<std::string> const& arguments, std::chrono::milliseconds timeout = std::chrono::seconds(25));

// The message has the output of the program.
::testing::AssertionResult exits_with(run_result const& result, int code);

// The same for a child: waits for its end.
::testing::AssertionResult exits_with(
	child_process& child, int code, std::chrono::milliseconds timeout = std::chrono::seconds(25));

// The process that does the work of an agent: the child of the one that was started, or that one itself.
pid_t worker_of(child_process const& agent);

// A manifest that stays on loopback: listens on a free port of 127.0.0.1, has no local discovery, does not
// seed at the end, and always ends with `continue`. Peers are ports of 127.0.0.1.
nlohmann::json loopback_job(std::vector<std::uint16_t> const& peers = {});

// One entry of "targets". An image file that does not exist is made.
nlohmann::json image_target(std::string const& torrent, std::string const& device);

// `rawswarm run` with the job in a file in `dir`.
child_options run_command(temp_dir const& dir, nlohmann::json const& job);

// The same, to its end.
run_result run_job(temp_dir const& dir, nlohmann::json const& job,
	std::chrono::milliseconds timeout = std::chrono::seconds(25));

// `rawswarm seed TORRENT SOURCE`, which listens from construction to destruction.
class seeding_agent
{
public:
	seeding_agent(std::string const& torrent, std::string const& source,
		std::vector<std::string> const& more_options = {});

	std::uint16_t port() const { return m_port; }
	child_process& process() { return *m_process; }

private:
	std::uint16_t m_port;
	std::unique_ptr<child_process> m_process;
};

} // namespace rawswarm::test
