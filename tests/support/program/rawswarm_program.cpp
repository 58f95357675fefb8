// SPDX-License-Identifier: BSD-3-Clause
#include "tests/support/program/rawswarm_program.hpp"

#include "tests/support/network/free_port.hpp"

#include <boost/asio/ip/address_v4.hpp>
#include <fmt/format.h>

#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <thread>

#include <arpa/inet.h>

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

// Lines of /proc/net/tcp and udp: "0: 0100007F:1F90 00000000:0000 0A …". 0A is LISTEN, and 07 a UDP
// socket that is not connected.
bool has_socket(char const* table, std::string const& address, std::uint16_t port, char const* state)
{
	// the address in the order of the network, printed as one number of this machine's
	auto const number = ntohl(boost::asio::ip::make_address_v4(address).to_uint());
	auto const own = fmt::format(" {:08X}:{:04X} 00000000:0000 {} ", number, port, state);
	std::ifstream lines(table);
	for (std::string line; std::getline(lines, line);)
	{
		if (line.find(own) != std::string::npos)
		{
			return true;
		}
	}
	return false;
}

bool wait_for_socket(char const* table, std::string const& address, std::uint16_t port, char const* state,
	std::chrono::milliseconds timeout)
{
	auto const deadline = std::chrono::steady_clock::now() + timeout;
	while (!has_socket(table, address, port, state))
	{
		if (std::chrono::steady_clock::now() >= deadline)
		{
			return false;
		}
		// The kernel tells nobody that a socket was bound; it can only be asked again.
		std::this_thread::sleep_for(std::chrono::milliseconds(5));
	}
	return true;
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

std::string loopback(std::uint16_t port)
{
	return fmt::format("127.0.0.1:{}", port);
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
	return {{"torrent", torrent}, {"device", device}};
}

bool wait_for_listener(std::uint16_t port, std::chrono::milliseconds timeout)
{
	return wait_for_listener("127.0.0.1", port, timeout);
}

bool wait_for_listener(std::string const& address, std::uint16_t port, std::chrono::milliseconds timeout)
{
	return wait_for_socket("/proc/net/tcp", address, port, "0A", timeout);
}

bool wait_for_udp_listener(std::uint16_t port, std::chrono::milliseconds timeout)
{
	return wait_for_socket("/proc/net/udp", "127.0.0.1", port, "07", timeout);
}

seeding_agent::seeding_agent(
	std::string const& torrent, std::string const& source, std::vector<std::string> const& more_options)
	: m_port(free_port())
{
	std::vector<std::string> args{"seed", torrent, source, "--listen", loopback(m_port), "--no-lsd"};
	args.insert(args.end(), more_options.begin(), more_options.end());
	m_process = std::make_unique<child_process>(rawswarm_command(args));
	if (!wait_for_listener(m_port, std::chrono::seconds(10)))
	{
		throw std::runtime_error("rawswarm seed does not listen; it printed:\n" + m_process->err());
	}
}

} // namespace rawswarm::test
