// SPDX-License-Identifier: BSD-3-Clause
#include "agent/cli/help.hpp"

#include "agent/cli/completion.hpp"
#include "agent/cli/key_manual.hpp"
#include "agent/cli/manual.hpp"
#include "agent/cli/option_table.hpp"
#include "agent/cli/output.hpp"
#include "agent/cli/packed_texts.hpp"
#include "base/clean_text.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <algorithm>

namespace rawswarm
{

namespace
{

std::string content(unpacked_files const& texts, std::string_view const name)
{
	auto const* const file = texts.find(name);
	return file == nullptr ? std::string() : *file->content;
}

std::vector<manual_page> manual(CLI::App const& app)
{
	unpacked_files const texts(packed_texts());
	auto const job = content(texts, "manifest.schema.json");
	auto pages = manual_of_commands(read_program(app), read_commands(app));
	pages.push_back(manual_of_job(job));
	pages.push_back(manual_of_room(content(texts, "room.schema.json"), job));
	return pages;
}

// topic: empty, "run", "job", "room.5", "rawswarm-room.5". Of two sections the first is meant.
result<std::string> page_on(CLI::App const& app, std::string const& topic)
{
	auto const pages = manual(app);
	auto const wanted =
		topic.empty() || topic.starts_with(app.get_name()) ? topic : app.get_name() + "-" + topic;
	auto const found = std::ranges::find_if(pages, [&](manual_page const& page) {
		return page.name == wanted || page.name.starts_with(wanted + ".") || wanted.empty();
	});
	if (found == pages.end())
	{
		return fail(fault::usage, "there is no manual page on \"{}\"; --pages lists them", printable(topic));
	}
	return found->text;
}

std::string page_names(CLI::App const& app)
{
	std::string out;
	for (auto const& page : manual(app))
	{
		out += page.name + "\n";
	}
	return out;
}

// Not app.help(), which describes the chosen command.
result<std::string> help_on(CLI::App const& app, std::string const& topic)
{
	auto const format = [](CLI::App const& on, std::string const& name) {
		return on.get_formatter()->make_help(&on, name, CLI::AppFormatMode::Normal);
	};
	if (topic.empty())
	{
		return format(app, app.get_name());
	}
	for (auto const* const command : app.get_subcommands([](CLI::App const*) { return true; }))
	{
		if (command->get_name() == topic)
		{
			return format(*command, app.get_name() + " " + topic);
		}
	}
	return fail(fault::usage, "unknown command \"{}\"; \"rawswarm --help\" lists them", printable(topic));
}

result<std::string> text_of(CLI::App const& app, help_options const& options)
{
	if (options.man)
	{
		return page_on(app, options.topic);
	}
	if (options.pages)
	{
		return page_names(app);
	}
	if (!options.schema.empty())
	{
		return content(unpacked_files(packed_texts()),
			options.schema == "job" ? "manifest.schema.json" : "room.schema.json");
	}
	if (!options.shell.empty())
	{
		auto const write = options.shell == "bash" ? bash_completion
			: options.shell == "zsh"               ? zsh_completion
												   : fish_completion;
		return write(read_program(app), read_commands(app));
	}
	return help_on(app, options.topic);
}

} // namespace

result<int> print_help(CLI::App const& app, help_options const& options)
{
	BOOST_OUTCOME_TRY(text, text_of(app, options));
	BOOST_OUTCOME_TRYV(print(text));
	return 0;
}

std::string licenses()
{
	return content(unpacked_files(packed_texts()), "licenses");
}

} // namespace rawswarm
