// SPDX-License-Identifier: BSD-3-Clause
// The options of `create`, and what they mean together. Options are bound to the members, so it stays where
// it is. One thread.
#pragma once

#include "agent/cli/cli11.hpp"
#include "agent/cli/commands.hpp"
#include "agent/create/create.hpp"
#include "base/result.hpp"

#include <optional>
#include <string>
#include <vector>

namespace rawswarm
{

class create_command
{
public:
	create_command() = default;
	create_command(create_command const&) = delete;
	create_command& operator=(create_command const&) = delete;

	void add_options(CLI::App& app);

	// Once the options are parsed. The exit code; fault::usage for values that are none.
	result<int> run(common_options const& common);

private:
	create_options m_options;
	std::vector<std::string> m_trackers;
	std::optional<std::string> m_piece_size;
	std::optional<std::string> m_map;
	std::optional<std::string> m_job;
	std::string m_level; // empty: not given; "true": without a level
};

} // namespace rawswarm
