// SPDX-License-Identifier: BSD-3-Clause
#include "base/parse_size.hpp"

#include "base/parse_number.hpp"
#include "base/text.hpp"

#include <limits>

namespace rawswarm
{

namespace
{

// The power of two that the unit is.
std::optional<int> shift_of(std::string_view const unit)
{
	constexpr std::string_view letters = "kmgt";
	auto const name = lower_case(unit);
	if (name.empty() || name == "b")
	{
		return 0;
	}
	auto const power = letters.find(name.front());
	auto const rest = std::string_view(name).substr(1);
	bool const known = power != std::string_view::npos && (rest.empty() || rest == "i" || rest == "ib");
	return known ? std::optional(10 * (static_cast<int>(power) + 1)) : std::nullopt;
}

} // namespace

std::optional<std::int64_t> parse_size(std::string_view text)
{
	auto const number = take_number<std::int64_t>(text);
	if (text.size() > 1 && text.front() == ' ')
	{
		text.remove_prefix(1);
	}
	auto const shift = shift_of(text);
	bool const fits = number && shift && *number <= std::numeric_limits<std::int64_t>::max() >> *shift;
	return fits ? std::optional(*number << *shift) : std::nullopt;
}

} // namespace rawswarm
