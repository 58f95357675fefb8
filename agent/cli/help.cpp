// SPDX-License-Identifier: BSD-3-Clause
#include "agent/cli/help.hpp"

#include "agent/cli/completion.hpp"
#include "agent/cli/manual.hpp"
#include "agent/cli/option_table.hpp"
#include "base/version.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>

namespace rawswarm
{

result<int> print_help(CLI::App const& app, help_options const& options)
{
	auto const program = read_program(app);
	auto const commands = read_commands(app);
	if (options.man)
	{
		fmt::print("{}", manual_page(program, commands, version));
	}
	else if (!options.shell.empty())
	{
		fmt::print("{}", bash_completion(program, commands));
	}
	else
	{
		// not app.help(), which describes the chosen command
		fmt::print("{}", app.get_formatter()->make_help(&app, app.get_name(), CLI::AppFormatMode::Normal));
	}
	return 0;
}

} // namespace rawswarm
