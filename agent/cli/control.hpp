// SPDX-License-Identifier: BSD-3-Clause
// `status`, `log`, `set` and `stop`: what is asked of the agents that run on this machine (agent/control).
#pragma once

#include "agent/cli/commands.hpp"
#include "base/result.hpp"

#include <string>
#include <vector>

namespace rawswarm
{

// socket: of the agent that is meant; empty: every one that listens at the usual place, which for `log`,
// `set` and `stop` must be a single one. fault::network: there is none, it may not be asked, it does not
// answer.
result<int> command_status(std::string const& socket, common_options const& common);
result<int> command_log(std::string const& levels, std::string const& socket, common_options const& common);

// words: settings_change.hpp. fault::usage: they are wrong.
result<int> command_set(
	std::vector<std::string> const& words, std::string const& socket, common_options const& common);

// Returns once the agent has ended, with 0 whatever its own exit code is.
result<int> command_stop(std::string const& socket, common_options const& common);

} // namespace rawswarm
