// SPDX-License-Identifier: BSD-3-Clause
#include "agent/progress/shown_percent.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace rawswarm
{

double shown_percent(double const percent)
{
	constexpr double inexact = 1e-9; // 29 of 1000 are 2.9, although 10 * 2.9 may be a little less than 29
	auto const tenths = std::floor(percent * 10 + inexact);
	return (percent < 100 ? std::min(tenths, 999.0) : tenths) / 10;
}

std::string percent_text(double const percent)
{
	return fmt::format("{:.1f}%", shown_percent(percent));
}

} // namespace rawswarm
