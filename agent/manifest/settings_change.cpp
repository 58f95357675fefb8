// SPDX-License-Identifier: BSD-3-Clause
#include "agent/manifest/settings_change.hpp"

#include "agent/manifest/json_location.hpp"
#include "agent/manifest/manifest_checks.hpp"
#include "base/clean_text.hpp"
#include "base/parse_number.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <set>
#include <string_view>

namespace rawswarm
{

namespace
{

using setter = result<void> (*)(std::string_view, json_location const&, settings_change&);

result<int> number_of(std::string_view const text, integer_range const range, json_location const& at)
{
	auto const number = parse_number<std::int64_t>(text);
	if (!number)
	{
		return at.refuse("must be a number from {} to {}, not \"{}\"", range.min, range.max, printable(text));
	}
	BOOST_OUTCOME_TRY(checked, check_range(*number, range, at));
	return static_cast<int>(checked);
}

result<void> set_memory(std::string_view const text, json_location const& at, settings_change& out)
{
	BOOST_OUTCOME_TRY(memory, check_memory(text, at));
	out.memory = memory;
	return success();
}

template <std::optional<int> settings_change::*Member>
result<void> set_requests(std::string_view const text, json_location const& at, settings_change& out)
{
	BOOST_OUTCOME_TRY(number, number_of(text, threads_range, at));
	out.*Member = number;
	return success();
}

template <std::optional<int> coalesce_limits::*Member>
result<void> set_blocks(std::string_view const text, json_location const& at, settings_change& out)
{
	BOOST_OUTCOME_TRY(number, number_of(text, coalesce_range, at));
	out.coalesce.*Member = number;
	return success();
}

result<void> set_timeout(std::string_view const text, json_location const& at, settings_change& out)
{
	BOOST_OUTCOME_TRY(number, number_of(text, coalesce_timeout_range, at));
	out.coalesce.timeout = std::chrono::milliseconds(number);
	return success();
}

result<void> set_log(std::string_view const text, json_location const& at, settings_change& out)
{
	BOOST_OUTCOME_TRY(levels, check_log_levels(text, at));
	out.log = levels;
	return success();
}

struct known_key
{
	std::string_view name;
	setter set;
};

constexpr known_key known_keys[] = {
	{"memory", set_memory},
	{"writers", set_requests<&settings_change::writers>},
	{"readers", set_requests<&settings_change::readers>},
	{"coalesce.max_blocks", set_blocks<&coalesce_limits::max_blocks>},
	{"coalesce.min_blocks", set_blocks<&coalesce_limits::min_blocks>},
	{"coalesce.timeout_ms", set_timeout},
	{"log", set_log},
};

std::string names_of_keys()
{
	std::string names;
	for (auto const& key : known_keys)
	{
		names += (names.empty() ? "" : ", ") + std::string(key.name);
	}
	return names;
}

} // namespace

result<settings_change> parse_settings_change(std::span<std::string const> const words)
{
	settings_change change;
	std::set<std::string_view> seen;
	for (std::string_view const word : words)
	{
		auto const equals = word.find('=');
		if (equals == std::string_view::npos)
		{
			if (!seen.empty() || !change.device.empty() || word.empty())
			{
				return fail(fault::usage, "\"{}\": must be KEY=VALUE; a device comes first", printable(word));
			}
			change.device = word;
			continue;
		}
		auto const name = word.substr(0, equals);
		auto const at = json_location::of_flag(printable(name));
		auto const known = std::ranges::find(known_keys, name, &known_key::name);
		if (known == std::end(known_keys))
		{
			return at.refuse("none of {}", names_of_keys());
		}
		if (!seen.insert(name).second)
		{
			return at.refuse("is there twice");
		}
		BOOST_OUTCOME_TRYV(known->set(word.substr(equals + 1), at, change));
	}
	if (seen.empty())
	{
		return fail(fault::usage, "nothing to set: KEY=VALUE, with one of {}", names_of_keys());
	}
	bool const is_of_device =
		seen.size() == std::size_t(seen.contains("writers")) + std::size_t(seen.contains("readers"));
	if (!change.device.empty() && !is_of_device)
	{
		return fail(
			fault::usage, "{}: a device has its own writers and readers alone", printable(change.device));
	}
	return change;
}

} // namespace rawswarm
