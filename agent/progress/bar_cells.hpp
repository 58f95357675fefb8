// SPDX-License-Identifier: BSD-3-Clause
// The inside of a progress bar: "####>.....". Pure.
#pragma once

#include <cstddef>
#include <string>

namespace rawswarm
{

// percent: 0 to 100; more is shown as 100.
std::string bar_cells(double percent, std::size_t cells);

} // namespace rawswarm
