// SPDX-License-Identifier: BSD-3-Clause
// How every display shows a percentage: with one digit behind the point, and 100 only when all is there.
// Pure.
#pragma once

#include <string>

namespace rawswarm
{

// The number that is shown, rounded down.
double shown_percent(double percent);

// "99.9%"
std::string percent_text(double percent);

} // namespace rawswarm
