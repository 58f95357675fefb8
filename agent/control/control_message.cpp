// SPDX-License-Identifier: BSD-3-Clause
#include "agent/control/control_message.hpp"

#include "base/clean_text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace rawswarm
{

namespace
{

using json = nlohmann::ordered_json;

constexpr std::array<std::string_view, 5> verb_names{"status", "log", "stop", "room", "set"};

json with_version(json const& fields)
{
	json j{{"version", control_version}};
	j.update(fields);
	return j;
}

bool has_our_version(json const& object)
{
	auto const it = object.find("version");
	return it != object.end() && it->is_number_integer() && *it == control_version;
}

// Empty if it is not there. Anything in it that is no text is an empty word, which means nothing.
std::vector<std::string> words_of(json const& object)
{
	std::vector<std::string> words;
	auto const it = object.find("words");
	if (it != object.end() && it->is_array())
	{
		words.reserve(it->size());
		for (auto const& word : *it)
		{
			words.push_back(word.is_string() ? word.get<std::string>() : std::string());
		}
	}
	return words;
}

// An object, or null. The parser needs no stack for what is nested; whoever copies or writes it does.
json parsed(std::string_view const line)
{
	bool is_too_deep = false;
	auto const is_taken = [&is_too_deep](int const levels, json::parse_event_t const event, json const&) {
		bool const begins =
			event == json::parse_event_t::object_start || event == json::parse_event_t::array_start;
		is_too_deep = is_too_deep || (begins && levels >= max_control_depth);
		return !is_too_deep;
	};
	auto j = json::parse(line, is_taken, false);
	return j.is_object() && !is_too_deep ? j : json();
}

} // namespace

std::string one_line(json const& j)
{
	return j.dump(-1, ' ', true, json::error_handler_t::replace) + "\n";
}

std::string text_of(json const& object, char const* const key)
{
	auto const it = object.find(key);
	return it != object.end() && it->is_string() ? it->get<std::string>() : std::string();
}

std::string request_line(control_request const& request)
{
	json j{{"do", verb_names.at(static_cast<std::size_t>(request.verb))}};
	if (request.verb == control_verb::log)
	{
		j["levels"] = request.levels;
	}
	if (request.verb == control_verb::room)
	{
		j["room"] = parsed(request.room);
	}
	if (request.verb == control_verb::set)
	{
		j["words"] = request.words;
	}
	if (request.as_text)
	{
		j["as"] = "text";
	}
	return one_line(with_version(j));
}

std::string answer_line(json const& answer)
{
	return one_line(with_version(answer));
}

std::string error_line(error const& e)
{
	return answer_line({{"refused", {{"code", static_cast<int>(e.kind)}, {"text", e.text}}}});
}

result<control_request> parse_request(std::string_view const line)
{
	auto const j = parsed(line);
	if (j.is_null())
	{
		return fail(
			fault::refused, "reading the request: it is not an object of JSON, or is nested too deep");
	}
	if (!has_our_version(j))
	{
		return fail(fault::refused, "reading the request: its version is not {}", control_version);
	}
	auto const name = text_of(j, "do");
	auto const* const verb = std::ranges::find(verb_names, name);
	if (verb == verb_names.end())
	{
		return fail(fault::refused, "reading the request: \"{}\" is none of {}", printable(name),
			fmt::join(verb_names, ", "));
	}
	auto const room = j.find("room");
	return control_request{static_cast<control_verb>(verb - verb_names.begin()), text_of(j, "levels"),
		text_of(j, "as") == "text", room == j.end() ? std::string() : room->dump(), words_of(j)};
}

result<json> parse_answer(std::string_view const line)
{
	auto j = parsed(line);
	if (j.is_null() || !has_our_version(j))
	{
		return fail(fault::network, "it answers in a way that this version does not know");
	}
	auto const it = j.find("refused");
	if (it == j.end() || !it->is_object())
	{
		return j;
	}
	auto const code = it->value("code", json());
	bool const is_known = code.is_number_integer() && code >= static_cast<int>(fault::internal)
		&& code <= static_cast<int>(fault::network);
	return error{is_known ? static_cast<fault>(code.get<int>()) : fault::network, {},
		clean_text(text_of(*it, "text"))};
}

} // namespace rawswarm
