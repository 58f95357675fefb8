// SPDX-License-Identifier: BSD-3-Clause
#include "agent/cli/help.hpp"

#include "agent/cli/completion.hpp"
#include "agent/cli/manual.hpp"
#include "agent/cli/option_table.hpp"
#include "agent/cli/output.hpp"
#include "base/version.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

namespace rawswarm
{

result<int> print_help(CLI::App const& app, help_options const& options)
{
	auto const program = read_program(app);
	auto const commands = read_commands(app);
	if (options.man)
	{
		BOOST_OUTCOME_TRYV(print(manual_page(program, commands, version)));
	}
	else if (!options.shell.empty())
	{
		BOOST_OUTCOME_TRYV(print(bash_completion(program, commands)));
	}
	else
	{
		// not app.help(), which describes the chosen command
		BOOST_OUTCOME_TRYV(
			print(app.get_formatter()->make_help(&app, app.get_name(), CLI::AppFormatMode::Normal)));
	}
	return 0;
}

} // namespace rawswarm
