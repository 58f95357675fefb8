// SPDX-License-Identifier: BSD-3-Clause
// A value, or an error that says what was being done to what.
//
// Every function that can fail for a reason outside the program returns result<T>. The error's
// text is what the user reads: it names the action and the object ("opening /dev/sda1: mounted on
// /mnt"). Exceptions are left to bugs and to other people's libraries, and are caught in the one
// file that wraps the library.
//
// fmt stands in for std::format, which GCC 12 lacks.
#pragma once

#include <boost/outcome/basic_result.hpp>
#include <boost/outcome/policy/all_narrow.hpp>
#include <boost/outcome/success_failure.hpp>
#include <boost/outcome/try.hpp>
#include <fmt/format.h>

#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace rawswarm
{

// The kind of a failure. The numbers are the exit codes of the program.
enum class fault
{
	internal = 1, // an error of the program itself
	usage = 2, // wrong command line
	refused = 3, // manifest, signature or torrent refused
	target = 4, // target missing, ambiguous, too small, in use, read-only
	device = 5, // reading or writing a device failed
	verification = 6, // what is on the device is not what the torrent says
	network = 7, // nothing could be fetched, or no progress in time
};

struct error
{
	fault kind = fault::internal;
	std::error_code ec; // the system's own reason; empty where there is none
	std::string text; // one line, action and object first, reason after the colon
};

template <class T>
using result = boost::outcome_v2::basic_result<T, error, boost::outcome_v2::policy::all_narrow>;

// `return success();` is the result<void> of a function in which nothing failed.
using boost::outcome_v2::success;

// `return fail(fault::device, ec, "writing {} at {:#x}", path, offset);` gives
// "writing /dev/sda1 at 0x1f400000: Input/output error".
template <class... Args>
[[nodiscard]] error fail(fault kind, std::error_code ec, fmt::format_string<Args...> what, Args&&... args)
{
	auto text = fmt::format(what, std::forward<Args>(args)...);
	if (ec)
	{
		text += ": ";
		text += ec.message();
	}
	return error{kind, ec, std::move(text)};
}

// For a failure that has no system error: the format holds the reason as well.
template <class... Args>
[[nodiscard]] error fail(fault kind, fmt::format_string<Args...> what, Args&&... args)
{
	return error{kind, {}, fmt::format(what, std::forward<Args>(args)...)};
}

inline std::error_code system_error(int err) noexcept
{
	return {err, std::generic_category()};
}

} // namespace rawswarm
