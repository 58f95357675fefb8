// SPDX-License-Identifier: BSD-3-Clause
#include "tests/support/network/own_network.hpp"

#include "tests/support/base/child_process.hpp"

#include <fmt/format.h>

#include <fstream>
#include <sstream>
#include <stdexcept>

namespace rawswarm::test
{

own_network::own_network()
{
	ip("link set lo up");
}

void own_network::ip(std::string const& arguments)
{
	child_options options;
	options.argv = {"ip"};
	std::istringstream words(arguments);
	for (std::string word; words >> word;)
	{
		options.argv.push_back(word);
	}
	if (auto const done = run(options); done.exit_code != 0)
	{
		throw std::runtime_error(fmt::format("ip {}: {}{}", arguments, done.out, done.err));
	}
}

void own_network::set(std::string const& name, std::string const& value)
{
	std::ofstream file("/proc/sys/net/" + name);
	if (!(file << value << std::flush))
	{
		throw std::runtime_error(fmt::format("{} cannot be set to {}", name, value));
	}
}

} // namespace rawswarm::test
