// SPDX-License-Identifier: BSD-3-Clause
// Strict reading of JSON: nothing is converted, guessed or passed over. Knows nothing of manifests.
//
// Every error is one line that names its location: line and column of a syntax error, otherwise the JSON
// pointer. nlohmann-json is the parser; none of its exceptions passes through here. No state, no threads.
#pragma once

#include "agent/manifest/json_location.hpp"
#include "base/result.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace rawswarm
{

struct json_limits
{
	std::size_t max_bytes; // checked before anything is parsed
	std::size_t max_depth; // objects and arrays inside each other; 1: the document itself
};

// Takes a byte order mark at the beginning, which some editors write. Refuses, in addition to what RFC 8259
// forbids: duplicate keys (at any depth), a second byte order mark, bytes after the document (including a NUL
// and all that follows it), invalid UTF-8, numbers past the range of a double. An integer of more than 64
// bits becomes the nearest of 64 bits, to be refused by its range.
result<void> parse_json(
	std::string_view bytes, json_limits const& limits, json_location const& at, nlohmann::json& out);

result<bool> read_bool(nlohmann::json const& value, json_location const& at);
result<std::string> read_string(nlohmann::json const& value, json_location const& at);

// 1.0 and 1e3 are not integers here. Past 64 bits: the nearest of 64 bits.
result<std::int64_t> read_integer(nlohmann::json const& value, json_location const& at);

// An integer or a floating-point number.
result<double> read_number(nlohmann::json const& value, json_location const& at);

// One key that an object may have, and how its value gets into out. Context is what the readers of one
// document share.
template <class T, class Context>
struct json_key
{
	char const* name = nullptr;
	result<void> (*read)(
		nlohmann::json const& value, json_location const& at, Context const& context, T& out) = nullptr;
	bool required = false;
};

// The name of a key alone, for code that needs no types.
struct json_key_name
{
	std::string_view name;
	bool required = false;
};

// Checks that value is an object, has all required keys and none that is not in the list.
result<void> check_keys(
	nlohmann::json const& value, json_location const& at, std::span<json_key_name const> keys);

// Reads an object by its table of keys. The keys' names are checked before any value is read.
template <class T, class Context, std::size_t N>
result<void> read_object(nlohmann::json const& value, json_location const& at,
	json_key<T, Context> const (&keys)[N], Context const& context, T& out)
{
	json_key_name names[N];
	for (std::size_t i = 0; i < N; ++i)
	{
		names[i] = {keys[i].name, keys[i].required};
	}
	BOOST_OUTCOME_TRYV(check_keys(value, at, names));
	for (auto const& key : keys)
	{
		if (auto const found = value.find(key.name); found != value.end())
		{
			BOOST_OUTCOME_TRYV(key.read(*found, at.member(key.name), context, out));
		}
	}
	return success();
}

// Calls read(element, its location) for each element, until one fails.
template <class Read>
result<void> read_array(nlohmann::json const& value, json_location const& at, Read read)
{
	if (!value.is_array())
	{
		return at.refuse("must be an array");
	}
	for (std::size_t i = 0; i < value.size(); ++i)
	{
		BOOST_OUTCOME_TRYV(read(value[i], at.element(i)));
	}
	return success();
}

} // namespace rawswarm
