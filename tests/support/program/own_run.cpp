// SPDX-License-Identifier: BSD-3-Clause
#include "tests/support/program/own_run.hpp"

#include <fmt/format.h>

#include <chrono>
#include <stdexcept>
#include <utility>
#include <vector>

namespace rawswarm::test
{

namespace
{

child_options command_of(std::vector<std::string> argv)
{
	child_options command;
	command.argv = std::move(argv);
	return command;
}

} // namespace

own_run::own_run(std::string const& options)
	: m_holder(command_of({"unshare", "--mount", "--propagation", "private", "sh", "-c",
		"mount -t tmpfs -o \"$1\" none /run && echo ready && exec sleep 1000", "sh", options}))
{
	if (!m_holder.wait_for_text("ready", std::chrono::seconds(5)))
	{
		throw std::runtime_error("no /run of our own: " + m_holder.err());
	}
}

child_options own_run::inside(child_options command) const
{
	std::vector<std::string> argv{"nsenter", fmt::format("--mount=/proc/{}/ns/mnt", m_holder.pid()), "--"};
	argv.insert(argv.end(), command.argv.begin(), command.argv.end());
	command.argv = std::move(argv);
	return command;
}

bool own_run::has(std::string const& path) const
{
	return run(inside(command_of({"test", "-e", path}))).exit_code == 0;
}

} // namespace rawswarm::test
