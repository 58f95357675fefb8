// SPDX-License-Identifier: BSD-3-Clause
// Durations for people. Pure.
#pragma once

#include <chrono>
#include <string>

namespace rawswarm
{

// "50s", "7m50s", "2h05m": the two largest units. A negative duration is 0.
std::string format_duration(std::chrono::seconds duration);

} // namespace rawswarm
