// SPDX-License-Identifier: BSD-3-Clause
// The options of `watch`, and what they mean together. Options are bound to the members, so it stays where it
// is. One thread.
#pragma once

#include "agent/cli/cli11.hpp"
#include "agent/cli/commands.hpp"
#include "agent/watch/watch.hpp"
#include "base/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace rawswarm
{

class watch_command
{
public:
	watch_command() = default;
	watch_command(watch_command const&) = delete;
	watch_command& operator=(watch_command const&) = delete;

	void add_options(CLI::App& app);

	// Once the options are parsed. The exit code; fault::usage for values that are none.
	result<int> run(common_options const& common);

private:
	watch_options m_options;
	std::string m_listen = to_string(m_options.listen);
	std::vector<std::string> m_groups; // empty: the default ones
	std::optional<std::string> m_http;
	std::int64_t m_timeout = 0;
	std::int64_t m_silence = m_options.silence.count();
};

} // namespace rawswarm
