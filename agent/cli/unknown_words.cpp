// SPDX-License-Identifier: BSD-3-Clause
#include "agent/cli/unknown_words.hpp"

#include "base/clean_text.hpp"
#include "base/nearest.hpp"

#include <CLI/App.hpp>

#include <algorithm>
#include <iterator>

namespace rawswarm
{

result<void> check_command(CLI::App const& app, std::vector<std::string> const& args)
{
	std::vector<std::string> known;
	for (auto const* const sub : app.get_subcommands([](CLI::App const*) { return true; }))
	{
		known.push_back(sub->get_name());
	}
	if (args.empty() || args.front().starts_with('-')
		|| std::ranges::find(known, args.front()) != known.end())
	{
		return success();
	}
	auto const meant = nearest(args.front(), known);
	return fail(fault::usage, "unknown command \"{}\"{} \"rawswarm --help\" lists them",
		printable(args.front()), meant ? fmt::format(": did you mean \"{}\"?", *meant) : ";");
}

std::string suggestion(CLI::App const& app, std::vector<std::string> const& args)
{
	std::vector<std::string> known;
	for (auto const* const chosen : app.get_subcommands())
	{
		for (auto const* const option : chosen->get_options())
		{
			std::ranges::transform(option->get_lnames(), std::back_inserter(known),
				[](std::string const& name) { return "--" + name; });
		}
	}
	for (auto const& arg : args)
	{
		auto const name = arg.substr(0, arg.find('='));
		if (name.starts_with("--") && name.size() > 2 && std::ranges::find(known, name) == known.end())
		{
			auto const meant = nearest(name, known);
			return meant ? fmt::format("Did you mean {}?\n", *meant) : std::string();
		}
	}
	return {};
}

} // namespace rawswarm
