// SPDX-License-Identifier: BSD-3-Clause
// Standard output and standard error of the commands. What was asked for and could not be written is an
// error, not a success.
#pragma once

#include "base/result.hpp"

#include <string_view>

namespace rawswarm
{

// Before anything is opened: a standard stream that the caller has closed leads nowhere from now on. Its
// number would otherwise go to the next file that is opened, such as a disk, and what is printed would go
// there too.
void occupy_standard_streams();

// Writes to standard output, all of it, at once; what controls a terminal, line ends and tabs apart, is
// replaced (clean_text.hpp). fault::internal: "writing standard output: No space left on device".
result<void> print(std::string_view text);

// Writes to standard error as it is, clear of the progress bar. Never fails: there is no place left to say
// so.
void print_to_errors(std::string_view text) noexcept;

// The same, of "rawswarm: TEXT" and a newline. The text is one line: what would break it or controls a
// terminal is replaced.
void print_error(std::string_view text) noexcept;

} // namespace rawswarm
