// SPDX-License-Identifier: BSD-3-Clause
// The report at a job's end, as --json prints it and a job's "report" gets it. Pure.
//
// One line of JSON, without the newline. Sizes in bytes.
#pragma once

#include "agent/progress/progress.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace rawswarm
{

// What a server takes of one, and so the most that is sent.
inline constexpr std::size_t max_report_bytes = std::size_t(64) * 1024;

// report_failure: why the job's report could not be sent; empty: it was, or none was to be.
std::string report_as_json(progress const& last, int exit_code, std::string_view report_failure = {});

// The same; if it would be longer than max_bytes, without targets, tables and volumes, and with the start of
// the error's text: 32 KiB are enough for that.
std::string short_report_as_json(progress const& last, int exit_code, std::size_t max_bytes);

} // namespace rawswarm
