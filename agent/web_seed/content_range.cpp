// SPDX-License-Identifier: BSD-3-Clause
#include "agent/web_seed/content_range.hpp"

#include "base/parse_number.hpp"

namespace rawswarm
{

namespace
{

bool take(std::string_view& text, std::string_view const expected)
{
	if (!text.starts_with(expected))
	{
		return false;
	}
	text.remove_prefix(expected.size());
	return true;
}

} // namespace

std::optional<content_range> parse_content_range(std::string_view text)
{
	content_range range;
	if (!take(text, "bytes "))
	{
		return {};
	}
	auto const first = take_number<std::uint64_t>(text);
	if (!first || !take(text, "-"))
	{
		return {};
	}
	auto const last = take_number<std::uint64_t>(text);
	if (!last || !take(text, "/"))
	{
		return {};
	}
	range.first = *first;
	range.last = *last;
	if (text == "*")
	{
		return range;
	}
	range.size = parse_number<std::uint64_t>(text);
	return range.size ? std::optional(range) : std::nullopt;
}

} // namespace rawswarm
