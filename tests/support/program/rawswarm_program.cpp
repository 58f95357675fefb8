// SPDX-License-Identifier: BSD-3-Clause
#include "tests/support/program/rawswarm_program.hpp"

#include "tests/support/network/free_port.hpp"
#include "tests/support/network/listeners.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace rawswarm::test
{

namespace
{

std::string program()
{
	char const* const path = std::getenv("RAWSWARM");
	if (path == nullptr || *path == '\0')
	{
		throw std::runtime_error("the environment variable RAWSWARM must name the program under test");
	}
	return path;
}

::testing::AssertionResult check_code(int found, int expected, std::string const& out, std::string const& err)
{
	if (found == expected)
	{
		return ::testing::AssertionSuccess();
	}
	return ::testing::AssertionFailure()
		<< "exit code " << found << ", not " << expected << ", after printing:\n"
		<< out << err;
}

} // namespace

child_options rawswarm_command(std::vector<std::string> const& arguments)
{
	child_options options;
	options.argv = {program()};
	options.argv.insert(options.argv.end(), arguments.begin(), arguments.end());
	options.env = {{"RAWSWARM_LOG", ""}, {"SPDLOG_LEVEL", ""}, {"http_proxy", ""}, {"https_proxy", ""}};
	return options;
}

run_result run_rawswarm(std::vector<std::string> const& arguments, std::chrono::milliseconds timeout)
{
	return run(rawswarm_command(arguments), timeout);
}

::testing::AssertionResult exits_with(run_result const& result, int code)
{
	return check_code(result.exit_code, code, result.out, result.err);
}

::testing::AssertionResult exits_with(child_process& child, int code, std::chrono::milliseconds timeout)
{
	auto const found = child.wait(timeout);
	if (!found)
	{
		return ::testing::AssertionFailure() << "still running after printing:\n"
											 << child.out() << child.err();
	}
	return check_code(*found, code, child.out(), child.err());
}

pid_t worker_of(child_process const& agent)
{
	std::ifstream children(fmt::format("/proc/{0}/task/{0}/children", agent.pid()));
	pid_t worker = 0;
	return children >> worker ? worker : agent.pid();
}

nlohmann::json loopback_job(std::vector<std::uint16_t> const& peers)
{
	nlohmann::json addresses = nlohmann::json::array();
	for (auto const port : peers)
	{
		addresses.push_back(loopback(port));
	}
	return {{"version", 1}, {"name", "test"}, {"targets", nlohmann::json::array()},
		{"swarm", {{"listen", "127.0.0.1:0"}, {"lsd", false}, {"peers", addresses}}},
		{"seed_until", {{"idle_seconds", 0}}}, {"on_success", "continue"}, {"on_failure", "continue"}};
}

nlohmann::json image_target(std::string const& torrent, std::string const& device)
{
	nlohmann::json target{{"torrent", torrent}, {"device", device}};
	std::error_code ec;
	if (!std::filesystem::exists(device, ec))
	{
		target["create"] = true;
	}
	return target;
}

child_options run_command(temp_dir const& dir, nlohmann::json const& job)
{
	auto const path = dir / "job.json";
	write_file(path, job.dump(1, '\t'));
	return rawswarm_command({"run", path});
}

run_result run_job(temp_dir const& dir, nlohmann::json const& job, std::chrono::milliseconds timeout)
{
	return run(run_command(dir, job), timeout);
}

seeding_agent::seeding_agent(
	std::string const& torrent, std::string const& source, std::vector<std::string> const& more_options)
	: m_port(free_port())
{
	std::vector<std::string> args{"seed", torrent, source, "--listen", loopback(m_port), "--no-lsd"};
	args.insert(args.end(), more_options.begin(), more_options.end());
	m_process = std::make_unique<child_process>(rawswarm_command(args));
	// It listens before it has looked at the image, and until then turns peers away.
	constexpr std::chrono::seconds soon(10);
	if (!wait_for_listener(m_port, soon) || !m_process->wait_for_text(": seeding", soon))
	{
		throw std::runtime_error("rawswarm seed does not serve; it printed:\n" + m_process->err());
	}
}

} // namespace rawswarm::test
