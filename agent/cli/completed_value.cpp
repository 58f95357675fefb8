// SPDX-License-Identifier: BSD-3-Clause
#include "agent/cli/completed_value.hpp"

#include "agent/log/log_levels.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace rawswarm
{

namespace
{

// Names of others are those of texts.
constexpr std::array<std::pair<std::string_view, value_kind>, 12> kinds{{
	{"FILE", value_kind::file},
	{"PATH", value_kind::file},
	{"FILE.prom", value_kind::file},
	{"ROOM", value_kind::folder},
	{"TORRENT", value_kind::torrent},
	{"FILE.torrent", value_kind::torrent},
	{"JOB", value_kind::json},
	{"FILE.json", value_kind::json},
	{"DEVICE", value_kind::device},
	{"SOURCE", value_kind::source},
	{"INTERFACE", value_kind::interface},
	{"LEVELS", value_kind::levels},
}};

bool is_capital(char const c)
{
	return c >= 'A' && c <= 'Z';
}

} // namespace

completed_value::completed_value(std::string_view name)
{
	while (!name.empty())
	{
		auto const part = name.substr(0, name.find('|'));
		name.remove_prefix(std::min(name.size(), part.size() + 1));
		auto const* const known = std::ranges::find(kinds, part, &decltype(kinds)::value_type::first);
		if (known != kinds.end())
		{
			kind = known->second;
		}
		else if (auto const own = part.substr(
					 0, static_cast<std::size_t>(std::ranges::find_if(part, is_capital) - part.begin()));
				 !own.empty())
		{
			words.emplace_back(own);
			kind = own.ends_with(':') ? value_kind::file : kind; // behind the word
		}
	}
}

std::vector<std::string> offered_levels()
{
	std::vector<std::string> out;
	for (int l = 0; l <= static_cast<int>(log::level::off); ++l)
	{
		out.emplace_back(log::to_string(static_cast<log::level>(l)));
	}
	for (auto const component : log::component_names)
	{
		out.push_back(fmt::format("{}=debug", component));
	}
	return out;
}

} // namespace rawswarm
