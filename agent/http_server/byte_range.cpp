// SPDX-License-Identifier: BSD-3-Clause
#include "agent/http_server/byte_range.hpp"

#include "base/parse_number.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <limits>
#include <optional>

namespace rawswarm
{

namespace
{

constexpr std::string_view unit = "bytes=";

// Digits of any number: what is more than 64 bits is beyond the end of every file.
std::optional<std::uint64_t> position(std::string_view const digits)
{
	if (digits.empty() || !std::all_of(digits.begin(), digits.end(), is_digit))
	{
		return std::nullopt;
	}
	return parse_number<std::uint64_t>(digits).value_or(std::numeric_limits<std::uint64_t>::max());
}

byte_range part_of(std::uint64_t const offset, std::uint64_t const bytes)
{
	return bytes > 0 ? byte_range{range_kind::part, offset, bytes} : byte_range{range_kind::outside};
}

} // namespace

byte_range parse_byte_range(std::string_view header, std::uint64_t const size)
{
	header = trim(header);
	if (!equal_ignoring_case(header.substr(0, unit.size()), unit))
	{
		return {};
	}
	auto const range = trim(header.substr(unit.size()));
	auto const dash = range.find('-');
	if (dash == std::string_view::npos)
	{
		return {};
	}
	auto const last = position(range.substr(dash + 1));
	if (dash == 0)
	{
		auto const bytes = std::min(last.value_or(0), size); // from the end
		return last ? part_of(size - bytes, bytes) : byte_range{};
	}
	auto const first = position(range.substr(0, dash));
	bool const is_open = dash + 1 == range.size();
	if (!first || (!last && !is_open) || (last && *last < *first))
	{
		return {};
	}
	if (*first >= size)
	{
		return {range_kind::outside};
	}
	return part_of(*first, std::min(last.value_or(size - 1), size - 1) - *first + 1);
}

} // namespace rawswarm
