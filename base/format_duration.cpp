// SPDX-License-Identifier: BSD-3-Clause
#include "base/format_duration.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

namespace rawswarm
{

std::string format_duration(std::chrono::seconds const duration)
{
	auto const s = std::max<std::int64_t>(duration.count(), 0);
	if (s < 60)
	{
		return fmt::format("{}s", s);
	}
	return s < 3600 ? fmt::format("{}m{:02}s", s / 60, s % 60)
					: fmt::format("{}h{:02}m", s / 3600, s / 60 % 60);
}

} // namespace rawswarm
