// SPDX-License-Identifier: BSD-3-Clause
#include "base/format_size.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>

namespace rawswarm
{

std::string format_size(std::int64_t const bytes)
{
	constexpr std::array<char const*, 6> units{"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
	auto value = static_cast<double>(std::max<std::int64_t>(bytes, 0));
	std::size_t unit = 0;
	// 1023.95 would print as 1024.0.
	while (value >= (unit == 0 ? 1024.0 : 1023.95) && unit + 1 < units.size())
	{
		value /= 1024;
		++unit;
	}
	return unit == 0 ? fmt::format("{:.0f} B", value) : fmt::format("{:.1f} {}", value, units.at(unit));
}

} // namespace rawswarm
