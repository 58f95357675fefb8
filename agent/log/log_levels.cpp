// SPDX-License-Identifier: BSD-3-Clause
#include "agent/log/log_levels.hpp"

#include "base/clean_text.hpp"
#include "base/text.hpp"

#include <algorithm>

namespace rawswarm::log
{

namespace
{

struct level_name
{
	std::string_view name;
	level value;
};

constexpr std::array<level_name, 9> level_names{{
	{"trace", level::trace},
	{"debug", level::debug},
	{"info", level::info},
	{"warn", level::warn},
	{"warning", level::warn},
	{"error", level::error},
	{"err", level::error},
	{"critical", level::critical},
	{"off", level::off},
}};

std::optional<level> find_level(std::string_view const name)
{
	auto const* const found = std::ranges::find_if(
		level_names, [name](level_name const& l) { return equal_ignoring_case(l.name, name); });
	return found == level_names.end() ? std::nullopt : std::optional(found->value);
}

std::optional<std::size_t> find_component(std::string_view const name)
{
	auto const* const found = std::ranges::find_if(
		component_names, [name](std::string_view const c) { return equal_ignoring_case(c, name); });
	return found == component_names.end()
		? std::nullopt
		: std::optional(static_cast<std::size_t>(found - component_names.begin()));
}

// LEVEL or COMPONENT=LEVEL.
result<void> parse_item(std::string_view const item, std::string_view const specification, level_set& out)
{
	auto const equals = item.find('=');
	bool const for_all = equals == std::string_view::npos;
	auto const name = trim(for_all ? item : item.substr(equals + 1));
	auto const value = find_level(name);
	if (!value)
	{
		return fail(fault::usage,
			"reading the log levels \"{}\": \"{}\" is none of trace, debug, info, warn, error, critical, off",
			printable(specification), printable(name));
	}
	if (for_all)
	{
		out.all = value;
		return success();
	}
	auto const owner = trim(item.substr(0, equals));
	auto const which = find_component(owner);
	if (!which)
	{
		return fail(fault::usage, "reading the log levels \"{}\": \"{}\" is none of {}",
			printable(specification), printable(owner), fmt::join(component_names, ", "));
	}
	out.own.at(*which) = value;
	return success();
}

// The level that most components have; empty: not all of them have one.
std::optional<level> common_level(level_set const& levels)
{
	std::array<int, static_cast<std::size_t>(level::off) + 1> counts{};
	for (std::size_t i = 0; i < component_names.size(); ++i)
	{
		auto const its_own = levels.of(static_cast<component>(i));
		if (!its_own)
		{
			return {};
		}
		++counts.at(static_cast<std::size_t>(*its_own));
	}
	return static_cast<level>(std::ranges::max_element(counts) - counts.begin());
}

} // namespace

char const* to_string(level const l) noexcept
{
	auto const* const found = std::ranges::find(level_names, l, &level_name::value);
	return found->name.data();
}

std::string to_string(level_set const& levels)
{
	auto const common = common_level(levels);
	std::string text = common ? to_string(*common) : "";
	for (std::size_t i = 0; i < component_names.size(); ++i)
	{
		auto const its_own = levels.of(static_cast<component>(i));
		if (its_own && its_own != common)
		{
			text +=
				fmt::format("{}{}={}", text.empty() ? "" : ",", component_names.at(i), to_string(*its_own));
		}
	}
	return text;
}

result<level_set> parse_levels(std::string_view const specification)
{
	level_set levels;
	for (auto const item : split(specification, ','))
	{
		BOOST_OUTCOME_TRYV(parse_item(trim(item), specification, levels));
	}
	return levels;
}

} // namespace rawswarm::log
