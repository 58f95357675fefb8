// SPDX-License-Identifier: BSD-3-Clause
// How the values of a manifest get into the structs of agent/manifest/manifest.hpp: the readers that its
// tables of keys are made of. For the parser's own files alone.
//
// Pure. What a check (agent/manifest/manifest_checks.hpp) refuses is refused at the value's location.
#pragma once

#include "agent/manifest/json_reader.hpp"
#include "agent/manifest/manifest.hpp"
#include "agent/manifest/manifest_checks.hpp"
#include "agent/manifest/manifest_substitute.hpp"
#include "agent/net/location.hpp"
#include "agent/net/tracker_url.hpp"
#include "agent/net/url.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace rawswarm
{

// All readers share this.
struct reading
{
	location const& base;
	machine_identity const& self;
};

template <class T>
using manifest_key = json_key<T, reading>;

inline constexpr bool required = true;

inline result<std::string> read_text(nlohmann::json const& value, json_location const& at, reading const& how,
	name_use const use = name_use::text)
{
	BOOST_OUTCOME_TRY(text, read_string(value, at));
	auto replaced = substitute(text, how.self, use);
	if (!replaced)
	{
		return at.refuse("{}", replaced.error().text);
	}
	return replaced;
}

// What a check makes of a text says what names in it are a part of: parsers of agent/net make URLs of texts,
// and paths, which are the texts among what they make.
template <class T>
constexpr name_use use_for(result<T> (*)(std::string_view))
{
	if constexpr (std::is_same_v<T, url> || std::is_same_v<T, tracker_url>)
	{
		return name_use::url;
	}
	return std::is_same_v<T, std::string> ? name_use::part : name_use::text;
}

template <class T>
constexpr name_use use_for(result<T> (*)(std::string_view, json_location const&))
{
	return name_use::text;
}

// Reads a text, hands it to a check (as check_value() takes it), and keeps what that returns.
template <class Check, class T>
result<void> read_checked(
	nlohmann::json const& value, json_location const& at, reading const& how, Check check, T& out)
{
	BOOST_OUTCOME_TRY(text, read_text(value, at, how, use_for(check)));
	BOOST_OUTCOME_TRY(checked, check_value(check, text, at));
	out = std::move(checked);
	return success();
}

template <class Check, class T>
result<void> read_list(nlohmann::json const& value, json_location const& at, reading const& how, Check check,
	std::vector<T>& out)
{
	return read_array(
		value, at, [&](nlohmann::json const& element, json_location const& where) -> result<void> {
			BOOST_OUTCOME_TRY(text, read_text(element, where, how, use_for(check)));
			BOOST_OUTCOME_TRY(checked, check_value(check, text, where));
			out.push_back(std::move(checked));
			return success();
		});
}

template <class T>
result<void> read_in_range(nlohmann::json const& value, json_location const& at, integer_range range, T& out)
{
	BOOST_OUTCOME_TRY(number, read_integer(value, at));
	BOOST_OUTCOME_TRY(checked, check_range(number, range, at));
	out = T(checked);
	return success();
}

// "auto" leaves out empty.
template <class T>
result<void> read_auto_or(nlohmann::json const& value, json_location const& at, reading const& how,
	integer_range range, std::optional<T>& out)
{
	if (value.is_number_integer())
	{
		T number{};
		BOOST_OUTCOME_TRYV(read_in_range(value, at, range, number));
		out = number;
		return success();
	}
	if (value.is_string())
	{
		BOOST_OUTCOME_TRY(text, read_text(value, at, how));
		if (text == "auto")
		{
			return success();
		}
	}
	return at.refuse("must be \"auto\" or an integer");
}

// The parts of the tables: each reads one member of an object.

template <auto Check, auto Member, class T>
result<void> text(nlohmann::json const& value, json_location const& at, reading const& how, T& out)
{
	return read_checked(value, at, how, Check, out.*Member);
}

// The same for what is a path, whatever its check makes of it.
template <auto Check, auto Member, class T>
result<void> part(nlohmann::json const& value, json_location const& at, reading const& how, T& out)
{
	BOOST_OUTCOME_TRY(text, read_text(value, at, how, name_use::part));
	BOOST_OUTCOME_TRY(checked, check_value(Check, text, at));
	out.*Member = std::move(checked);
	return success();
}

template <auto Check, auto Member, class T>
result<void> texts(nlohmann::json const& value, json_location const& at, reading const& how, T& out)
{
	return read_list(value, at, how, Check, out.*Member);
}

template <integer_range Range, auto Member, class T>
result<void> integer(nlohmann::json const& value, json_location const& at, reading const&, T& out)
{
	return read_in_range(value, at, Range, out.*Member);
}

template <integer_range Range, auto Member, class T>
result<void> optional_integer(nlohmann::json const& value, json_location const& at, reading const&, T& out)
{
	return read_in_range(value, at, Range, (out.*Member).emplace());
}

template <integer_range Range, auto Member, class T>
result<void> auto_or_integer(nlohmann::json const& value, json_location const& at, reading const& how, T& out)
{
	return read_auto_or(value, at, how, Range, out.*Member);
}

// What a reference means in the text that came from the base.
template <auto Member, class T>
result<void> place(nlohmann::json const& value, json_location const& at, reading const& how, T& out)
{
	BOOST_OUTCOME_TRY(text, read_string(value, at));
	auto const use = how.base.as_url() != nullptr ? name_use::url : use_in_location(text);
	BOOST_OUTCOME_TRY(reference, read_text(value, at, how, use));
	auto resolved = resolve(how.base, reference);
	if (!resolved)
	{
		return at.refuse(resolved.error());
	}
	out.*Member = std::move(resolved.value());
	return success();
}

template <auto Member, class T>
result<void> flag(nlohmann::json const& value, json_location const& at, reading const&, T& out)
{
	BOOST_OUTCOME_TRY(checked, read_bool(value, at));
	out.*Member = checked;
	return success();
}

template <auto const& Keys, auto Member, class T>
result<void> object(nlohmann::json const& value, json_location const& at, reading const& how, T& out)
{
	return read_object(value, at, Keys, how, out.*Member);
}

} // namespace rawswarm
