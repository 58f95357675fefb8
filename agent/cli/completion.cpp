// SPDX-License-Identifier: BSD-3-Clause
#include "agent/cli/completion.hpp"

#include <fmt/format.h>

namespace rawswarm
{

namespace
{

// @COMMANDS@ and @CASES@ are replaced. $command and $previous decide what may follow.
constexpr std::string_view script =
	R"(# Completion of rawswarm for bash, made by `rawswarm help --completion bash`.

_rawswarm() {
	local current=$2 previous=$3 command='' word options='' with_file='' with_text=''
	COMPREPLY=()
	for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
		case $word in
		@COMMANDS@)
			command=$word
			break
			;;
		esac
	done
	case $command in
@CASES@	esac
	if [[ " $with_text " == *" $previous "* ]]; then
		return
	fi
	if [[ $current == -* && " $with_file " != *" $previous "* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$options" -- "$current")
	elif [[ -z $command ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$options" -- "$current")
	else
		compopt -o filenames 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -f -- "$current")
	fi
}

complete -F _rawswarm rawswarm
)";

std::string replace(std::string text, std::string_view const mark, std::string_view const by)
{
	return text.replace(text.find(mark), mark.size(), by);
}

std::string join(std::string const& list, std::string_view const more, std::string_view const between)
{
	return list.empty() ? std::string(more) : fmt::format("{}{}{}", list, between, more);
}

bool takes_file(table_option const& option)
{
	return option.value.find("FILE") != std::string::npos || option.value == "PATH";
}

// The assignments of the script's variables for this command. more: words besides its options.
std::string assignments(table_command const& command, std::string const& more)
{
	std::string options = more;
	std::string with_file;
	std::string with_text;
	for (auto const& option : command.options)
	{
		for (auto const& name : option.names)
		{
			options = join(options, name, " ");
			if (!option.value.empty())
			{
				auto& list = takes_file(option) ? with_file : with_text;
				list = join(list, name, " ");
			}
		}
	}
	return fmt::format(
		"\t\toptions='{}'\n\t\twith_file='{}'\n\t\twith_text='{}'\n", options, with_file, with_text);
}

} // namespace

std::string bash_completion(table_command const& program, std::vector<table_command> const& commands)
{
	std::string names;
	std::string words;
	std::string cases;
	for (auto const& command : commands)
	{
		names = join(names, command.name, " | ");
		words = join(words, command.name, " ");
		cases += fmt::format("\t{})\n{}\t\t;;\n", command.name, assignments(command, ""));
	}
	cases = fmt::format("\t'')\n{}\t\t;;\n", assignments(program, words)) + cases;
	return replace(replace(std::string(script), "@COMMANDS@", names), "@CASES@", cases);
}

} // namespace rawswarm
