// SPDX-License-Identifier: BSD-3-Clause
#include "agent/web_seed/web_seed_choice.hpp"

#include <algorithm>
#include <cstdint>

namespace rawswarm
{

std::optional<std::size_t> choose_source(std::span<web_seed_source const> const sources,
	std::size_t const target, std::size_t const start, web_seed_source::clock::time_point const now,
	std::function<bool(std::size_t source)> const& is_taken)
{
	std::optional<std::size_t> slow;
	for (std::size_t i = 0; i < sources.size(); ++i)
	{
		auto const source = (start + i) % sources.size();
		if (!sources[source].may_ask(target, now) || is_taken(source))
		{
			continue;
		}
		if (!sources[source].is_slow(now))
		{
			return source;
		}
		slow = slow.value_or(source);
	}
	return slow;
}

web_pace pace_of_others(std::span<web_seed_source const> const sources, std::size_t const target,
	std::size_t const source, web_seed_source::clock::time_point const now)
{
	std::int64_t best = 0;
	for (std::size_t i = 0; i < sources.size(); ++i)
	{
		auto const& other = sources[i];
		if (i != source && other.may_ask(target, now) && !other.is_slow(now))
		{
			best = std::max(best, other.pace());
		}
	}
	return {best / web_seed_source::least_part};
}

} // namespace rawswarm
