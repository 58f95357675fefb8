// SPDX-License-Identifier: BSD-3-Clause
// The options of `serve`, and what they mean together. Options are bound to the members, so it stays where it
// is. One thread.
#pragma once

#include "agent/cli/cli11.hpp"
#include "agent/cli/commands.hpp"
#include "agent/serve/serve_options.hpp"
#include "base/result.hpp"

#include <optional>
#include <string>
#include <vector>

namespace rawswarm
{

class serve_command
{
public:
	serve_command() = default;
	serve_command(serve_command const&) = delete;
	serve_command& operator=(serve_command const&) = delete;

	void add_options(CLI::App& app);

	// Once the options are parsed. socket: where the server takes orders; empty: the usual place. The exit
	// code; fault::usage for values that are none.
	result<int> run(common_options const& common, std::string const& socket);

private:
	result<void> read_options();

	serve_options m_options;
	bool m_check = false;
	bool m_print_dnsmasq = false;
	std::string m_listen = ":80";
	std::vector<std::string> m_seed_listen; // empty: the usual port
	std::string m_beacons = to_string(m_options.beacons);
	std::optional<std::string> m_memory;
	std::string m_dnsmasq; // empty: none
};

} // namespace rawswarm
