// SPDX-License-Identifier: BSD-3-Clause
// Times as text: RFC 3339 in UTC, "2026-11-29T18:00:00Z". Pure; no locale and no time zone.
//
// By hand, as the library of GCC 12 has no std::chrono::parse.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace rawswarm
{

// Whole seconds, with capital T and Z. Empty: another form, or a day or second that there is none of.
std::optional<std::chrono::sys_seconds> parse_utc_time(std::string_view text);

std::string format_utc_time(std::chrono::sys_seconds time);

} // namespace rawswarm
