// SPDX-License-Identifier: BSD-3-Clause
#include "agent/cli/completion.hpp"

#include <fmt/format.h>

namespace rawswarm
{

namespace
{

// Behind the table. Bash takes = and : for words of their own.
constexpr std::string_view functions = R"(
# What a path may become: a folder, or a file whose name ends in $1.
_rawswarm_paths() {
	compopt -o filenames 2>/dev/null
	mapfile -t COMPREPLY < <(compgen -d -- "$2"; compgen -f -X "!*$1" -- "$2" | while IFS= read -r file; do
		[[ -d $file ]] || printf '%s\n' "$file"
	done)
}

# Devices that begin with $1, and with a $2 the selectors that name them, in quotes. Where one is open already,
# readline closes it as it does for file names.
_rawswarm_devices() {
	local line plain=${1#[\'\"]} quote=\'
	if [[ $plain != "$1" ]]; then
		compopt -o filenames 2>/dev/null
	fi
	while IFS= read -r line; do
		case $line in
		'        {'*)
			line=${line#        }
			[[ ${2:-} && $line == "$plain"* ]] || continue
			[[ $plain != "$1" ]] || line=$quote${line//$quote/$quote\\$quote$quote}$quote
			COMPREPLY+=("$line")
			;;
		*/dev/*)
			line=${line#"${line%%[! ]*}"}
			line=${line%% *}
			[[ $line != "$plain"* ]] || COMPREPLY+=("$line")
			;;
		esac
	done < <(command rawswarm devices 2>/dev/null)
}

# Offers for the word $2 what the table says in $1.
_rawswarm_offer() {
	local word words=()
	for word in $1; do
		case $word in
		@file) _rawswarm_paths '' "$2" ;;
		@folder)
			compopt -o filenames 2>/dev/null
			mapfile -t COMPREPLY < <(compgen -d -- "$2")
			;;
		@torrent) _rawswarm_paths .torrent "$2" ;;
		@json) _rawswarm_paths .json "$2" ;;
		@device) _rawswarm_devices "$2" selectors ;;
		@source)
			_rawswarm_paths '' "$2"
			[[ $2 ]] || _rawswarm_devices ''
			;;
		@interface) words+=(/sys/class/net/*) ;;
		@text) ;;
		*) words+=("$word") ;;
		esac
	done
	for word in "${words[@]##*/}"; do
		[[ $word != "$2"* ]] || COMPREPLY+=("$word")
		[[ $word != *: ]] || compopt -o nospace 2>/dev/null
	done
}

_rawswarm() {
	local current=${COMP_WORDS[COMP_CWORD]} options='' value='' place=0 i
	local arguments=() previous=${COMP_WORDS[COMP_CWORD-1]}
	COMPREPLY=()
	if [[ $current == [=:] ]]; then
		previous=$current current=''
	elif [[ ! $current && ${COMP_LINE:COMP_POINT-1:1} == [[:blank:]] && $previous == [=:] ]]; then
		previous='' # it ended there
	fi
	if ((COMP_CWORD == 1)); then
		_rawswarm_table ''
		_rawswarm_offer "$options" "$current"
		return
	fi
	# The value of an option: behind it, or behind its =.
	if [[ $previous == : ]]; then
		_rawswarm_paths '' "$current"
		return
	elif [[ $previous == = ]]; then
		for ((i = COMP_CWORD; i > 1; i--)); do
			[[ ${COMP_WORDS[i]} != -* ]] || break
		done
		previous=${COMP_WORDS[i]}
	fi
	_rawswarm_table "${COMP_WORDS[1]}" "$previous"
	if [[ $value ]]; then
		_rawswarm_offer "$value" "$current"
		return
	elif [[ $current == -* ]]; then
		_rawswarm_offer "$options" "$current"
		return
	fi
	for ((i = 2; i < COMP_CWORD; i++)); do
		value=''
		_rawswarm_table "${COMP_WORDS[1]}" "${COMP_WORDS[i]}"
		if [[ ${COMP_WORDS[i]} == -* ]]; then
			[[ ! $value || ${COMP_WORDS[i+1]} == = ]] || ((i++))
		else
			((place++)) || true
		fi
		while [[ ${COMP_WORDS[i+1]:-} == [=:] ]]; do
			((i += 2))
		done
	done
	if ((place < ${#arguments[@]})); then
		_rawswarm_offer "${arguments[place]}" "$current"
	fi
}

complete -F _rawswarm rawswarm
)";

// "@torrent", "image seed", "auto @text": what the table says is offered for a value.
std::string offer(completed_value const& value)
{
	auto const kind = [&]() -> std::string_view {
		switch (value.kind)
		{
		case value_kind::text: return "@text";
		case value_kind::file:
			return value.words.empty() ? "@file" : "@text"; // behind a word bash completes it by itself
		case value_kind::folder: return "@folder";
		case value_kind::torrent: return "@torrent";
		case value_kind::json: return "@json";
		case value_kind::device: return "@device";
		case value_kind::source: return "@source";
		case value_kind::interface: return "@interface";
		case value_kind::levels: return {};
		}
		return {};
	}();
	auto words = value.kind == value_kind::levels ? offered_levels() : value.words;
	if (!kind.empty())
	{
		words.emplace_back(kind);
	}
	return fmt::format("{}", fmt::join(words, " "));
}

// The assignments of the table for a command. more: words besides its options.
std::string assignments(table_command const& command, std::vector<std::string> words)
{
	std::string arguments;
	std::string values;
	for (auto const& option : command.options)
	{
		words.insert(words.end(), option.names.begin(), option.names.end());
		if (!option.value.empty())
		{
			values += fmt::format(
				"\t\t{}) value='{}' ;;\n", fmt::join(option.names, " | "), offer(option.completed));
		}
	}
	for (auto const& argument : command.arguments)
	{
		arguments += fmt::format("{}'{}'", arguments.empty() ? "" : " ", offer(argument.completed));
	}
	return fmt::format("\t\toptions='{}'\n\t\targuments=({})\n{}", fmt::join(words, " "), arguments,
		values.empty() ? "" : fmt::format("\t\tcase ${{2:-}} in\n{}\t\tesac\n", values));
}

} // namespace

std::string bash_completion(table_command const& program, std::vector<table_command> const& commands)
{
	std::vector<std::string> names;
	std::string cases;
	for (auto const& command : commands)
	{
		names.push_back(command.name);
		cases += fmt::format("\t{})\n{}\t\t;;\n", command.name, assignments(command, {}));
	}
	return fmt::format(
		"# Completion of rawswarm for bash, made by `rawswarm help --completion bash`.\n\n"
		"# What there is behind the command $1: sets options, arguments and, if the option $2 has one,\n"
		"# value, what it may be.\n"
		"_rawswarm_table() {{\n\tcase $1 in\n\t'')\n{}\t\t;;\n{}\tesac\n}}\n",
		assignments(program, names), cases)
		.append(functions);
}

} // namespace rawswarm
