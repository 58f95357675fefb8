// SPDX-License-Identifier: BSD-3-Clause
// The version of the program. CMake generates its definition (toolchain/cmake/version.cmake).
#pragma once

#include <cstdint>

namespace rawswarm
{

extern char const* const version; // as "0.1.0-12-g1a2b3c4"
extern char const* const version_date; // as "2026-11-29": of the commit

// Seconds since 1970: when its sources were committed. Today is not before that.
extern std::int64_t const version_time;

} // namespace rawswarm
