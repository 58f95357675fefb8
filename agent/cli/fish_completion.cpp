// SPDX-License-Identifier: BSD-3-Clause
#include "agent/cli/completion.hpp"

#include <fmt/format.h>

#include <utility>

namespace rawswarm
{

namespace
{

constexpr std::string_view functions =
	R"(# Completion of rawswarm for fish, made by `rawswarm help --completion fish`.

# Whether the command is $argv[1], or there is none yet.
function __rawswarm_is
	set -l words (commandline -opc)
	test "$words[2]" = "$argv[1]"
end

# Whether argument number $argv[2] of the command $argv[1] is due. Further words: options that have a value.
function __rawswarm_argument
	__rawswarm_is $argv[1]; or return 1
	set -l place 1
	set -l value 0
	set -l words (commandline -opc)
	for word in $words[3..-1]
		if test $value = 1
			set value 0
		else if contains -- $word $argv[3..-1]
			set value 1
		else if not string match -q -- '-*' $word
			set place (math $place + 1)
		end
	end
	test $place = $argv[2]
end

# Folders, and files whose name ends in $argv[1].
function __rawswarm_paths
	set -l begun (commandline -ct | string replace -r '^--[a-z-]*=' '')
	for path in $begun*
		if test -d $path
			echo $path/
		else if string match -q -- "*$argv[1]" $path
			echo $path
		end
	end
end

# Devices, and the selectors that name them.
function __rawswarm_devices
	command rawswarm devices 2>/dev/null | string replace -rf '^(?: {8}(\{.*)|(?:  )?(/dev/\S+).*)$' '$1$2'
end

function __rawswarm_sources
	__rawswarm_devices | string match -- '/*'
end

function __rawswarm_maps
	printf '%s\n' auto partclone: bmap:
	set -l begun (commandline -ct | string replace -r '^--[a-z-]*=' '')
	for kind in partclone: bmap:
		if string match -q -- "$kind*" $begun
			for path in (string replace -- $kind '' $begun)*
				echo $kind$path
			end
		end
	end
end

complete -c rawswarm -f
)";

std::string quoted(std::string_view const text)
{
	std::string out = "'";
	for (char const c : text)
	{
		out += c == '\'' || c == '\\' ? std::string{'\\', c} : std::string(1, c);
	}
	return out + "'";
}

// The options of `complete` for a value.
std::string offer(completed_value const& value)
{
	auto words = value.words;
	switch (value.kind)
	{
	case value_kind::text: break;
	case value_kind::file:
		return words.empty() ? "-r -F" : "-x -a '(__rawswarm_maps)'"; // auto|partclone:FILE|bmap:FILE
	case value_kind::folder: return "-x -a '(__fish_complete_directories (commandline -ct) \"\")'";
	case value_kind::torrent: return "-x -a '(__rawswarm_paths .torrent)'";
	case value_kind::json: return "-x -a '(__rawswarm_paths .json)'";
	case value_kind::device: return "-x -a '(__rawswarm_devices)'";
	case value_kind::source: return "-r -F -a '(__rawswarm_sources)'";
	case value_kind::interface: return "-x -a '(command ls /sys/class/net)'";
	case value_kind::levels: words = offered_levels(); break;
	}
	return words.empty() ? "-x" : fmt::format("-x -a '{}'", fmt::join(words, " "));
}

std::string names_of(table_option const& option)
{
	std::string out;
	for (auto const& name : option.names)
	{
		out += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
	}
	return out;
}

// The lines of a command's options and arguments. name: empty for the program's own.
std::string lines(table_command const& command, std::string const& name)
{
	std::string out;
	std::string valued;
	for (auto const& option : command.options)
	{
		bool const value = !option.value.empty();
		valued += value ? fmt::format(" {}", fmt::join(option.names, " ")) : "";
		out += fmt::format("complete -c rawswarm -n '__rawswarm_is {}'{}{} -d {}\n", name, names_of(option),
			value ? " " + offer(option.completed) : "", quoted(option.text));
	}
	for (std::size_t i = 0; i < command.arguments.size(); ++i)
	{
		auto const& argument = command.arguments[i];
		auto const offered = offer(argument.completed);
		if (offered != "-x")
		{
			out +=
				fmt::format("complete -c rawswarm -n '__rawswarm_argument {} {}{}' {}\n", name, i + 1, valued,
					offered.substr(3)); // without -x or -r, which are of options
		}
	}
	return out;
}

} // namespace

std::string fish_completion(table_command const& program, std::vector<table_command> const& commands)
{
	auto out = std::string(functions) + lines(program, "");
	for (auto const& command : commands)
	{
		out += fmt::format(
			"complete -c rawswarm -n '__rawswarm_is' -a {} -d {}\n", command.name, quoted(command.text));
	}
	for (auto const& command : commands)
	{
		out += lines(command, command.name);
	}
	return out;
}

} // namespace rawswarm
