// SPDX-License-Identifier: BSD-3-Clause
#include "agent/cli/completion.hpp"

#include <fmt/format.h>

namespace rawswarm
{

namespace
{

// Before the function of the program. _arguments calls them with compadd's options.
constexpr std::string_view functions = R"(#compdef rawswarm
# Completion of rawswarm for zsh, made by `rawswarm help --completion zsh`.

# Devices, and the selectors that name them.
_rawswarm_devices() {
	local -a told paths selectors
	local line
	told=("${(@f)$(_call_program devices command rawswarm devices 2>/dev/null)}")
	for line in $told; do
		case $line in
		('        {'*) selectors+=(${line#        }) ;;
		(*/dev/*) paths+=(${${(z)line}[1]}) ;;
		esac
	done
	compadd "$@" -a paths
	[[ $devices_alone == yes ]] || compadd "$@" -a selectors
}

_rawswarm_sources() {
	local devices_alone=yes
	_rawswarm_devices "$@"
	_files
}

_rawswarm_maps() {
	if compset -P '*:'; then
		_files
	else
		compadd "$@" auto
		compadd "$@" -S '' partclone: bmap:
	fi
}

)";

// Closing: loaded from a folder of fpath the file is the function's body, else it defines it.
constexpr std::string_view closing = R"(
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
	_rawswarm "$@"
else
	compdef _rawswarm rawswarm
fi
)";

// For within single quotes. special: characters that the place gives a meaning to.
std::string quoted(std::string_view const text, std::string_view const special)
{
	std::string out;
	for (char const c : text)
	{
		if (c == '\'')
		{
			out += "'\\''";
			continue;
		}
		if (c == '\\' || special.find(c) != std::string_view::npos)
		{
			out += '\\';
		}
		out += c;
	}
	return out;
}

// What _arguments is to do for a value.
std::string action(completed_value const& value)
{
	auto words = value.words;
	switch (value.kind)
	{
	case value_kind::text: break;
	case value_kind::file:
		return words.empty() ? "_files" : "_rawswarm_maps"; // auto|partclone:FILE|bmap:FILE
	case value_kind::folder: return "_directories";
	case value_kind::torrent: return "_files -g \"*.torrent(-.)\"";
	case value_kind::json: return "_files -g \"*.json(-.)\"";
	case value_kind::device: return "_rawswarm_devices";
	case value_kind::source: return "_rawswarm_sources";
	case value_kind::interface: return "_net_interfaces";
	case value_kind::levels: words = offered_levels(); break;
	}
	return words.empty() ? " " : fmt::format("({})", fmt::join(words, " "));
}

// An option of _arguments: '(-o --output)'{-o+,--output=}'[text]:VALUE:action'
std::string specification(table_option const& option)
{
	bool const value = !option.value.empty();
	auto const rest = fmt::format("[{}]{}'", quoted(option.text, "[]:"),
		value ? fmt::format(":{}:{}", quoted(option.value, ":"), action(option.completed)) : "");
	if (option.names.size() == 1)
	{
		auto const& name = option.names.front();
		return fmt::format("'{}{}{}{}", option.repeatable ? "*" : "", name, value ? "=" : "", rest);
	}
	std::vector<std::string> forms;
	for (auto const& name : option.names)
	{
		forms.push_back(name + (!value ? "" : name.starts_with("--") ? "=" : "+"));
	}
	return fmt::format("'({})'{{{}}}'{}", fmt::join(option.names, " "), fmt::join(forms, ","), rest);
}

std::string specifications(table_command const& command)
{
	std::string out;
	for (auto const& option : command.options)
	{
		out += fmt::format(" \\\n\t\t\t{}", specification(option));
	}
	for (std::size_t i = 0; i < command.arguments.size(); ++i)
	{
		auto const& argument = command.arguments[i];
		out += fmt::format(" \\\n\t\t\t'{}:{}{}:{}'", i + 1, argument.required ? "" : ":",
			quoted(argument.value, ":"), action(argument.completed));
	}
	return out;
}

} // namespace

std::string zsh_completion(table_command const& program, std::vector<table_command> const& commands)
{
	std::string names;
	std::string cases;
	for (auto const& command : commands)
	{
		names += fmt::format("\t\t\t'{}:{}'\n", command.name, quoted(command.text, ":"));
		cases += fmt::format("\t({})\n\t\t_arguments -s{}\n\t\t;;\n", command.name, specifications(command));
	}
	return fmt::format("{}_rawswarm() {{\n"
					   "\tlocal curcontext=$curcontext\n\tlocal -a commands\n"
					   "\tif ((CURRENT == 2)); then\n\t\tcommands=(\n{}\t\t)\n"
					   "\t\t_describe -t commands command commands\n"
					   "\t\t_arguments -s{}\n\t\treturn\n\tfi\n"
					   "\tlocal command=$words[2]\n\tshift words\n\t((CURRENT--))\n"
					   "\tcurcontext=${{curcontext%:*:*}}:rawswarm-$command:\n"
					   "\tcase $command in\n{}\tesac\n}}\n{}",
		functions, names, specifications(program), cases, closing);
}

} // namespace rawswarm
