// SPDX-License-Identifier: BSD-3-Clause
#include "agent/cli/option_table.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

namespace rawswarm
{

namespace
{

// CLI11 appends its checks to the name: "SECONDS:INT in [1 - 100]", "proxy|full:{proxy,full}".
std::string value_name(CLI::Option const& option)
{
	if (option.get_items_expected_max() == 0)
	{
		return {};
	}
	auto name = option.get_type_name();
	for (auto const* const check : {":INT in [", ":FLOAT in [", ":{"})
	{
		name = name.substr(0, name.find(check));
	}
	return name;
}

table_option read_option(CLI::Option const& option)
{
	table_option out;
	for (auto const& name : option.get_snames())
	{
		out.names.push_back("-" + name);
	}
	for (auto const& name : option.get_lnames())
	{
		out.names.push_back("--" + name);
	}
	out.value = out.names.empty() ? option.get_name(true) : value_name(option);
	out.completed = completed_value(out.names.empty() ? value_name(option) : out.value);
	if (out.names.empty() && out.completed.kind == value_kind::text && out.completed.words.empty())
	{
		out.completed = completed_value(out.value);
	}
	out.repeatable = option.get_multi_option_policy() == CLI::MultiOptionPolicy::TakeAll;
	out.fallback = option.get_default_str();
	out.text = option.get_description();
	out.required = option.get_required();
	return out;
}

bool is_shown(CLI::App const* app)
{
	return !app->get_group().empty();
}

} // namespace

table_command read_program(CLI::App const& app)
{
	table_command out{app.get_name(), app.get_description(), {}, {}};
	for (auto const* const option :
		app.get_options([](CLI::Option const* o) { return !o->get_group().empty(); }))
	{
		(option->nonpositional() ? out.options : out.arguments).push_back(read_option(*option));
	}
	return out;
}

std::vector<table_command> read_commands(CLI::App const& app)
{
	std::vector<table_command> out;
	for (auto const* const command : app.get_subcommands(is_shown))
	{
		out.push_back(read_program(*command));
	}
	return out;
}

} // namespace rawswarm
