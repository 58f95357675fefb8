// SPDX-License-Identifier: BSD-3-Clause
// The kind of terminal that a file descriptor leads to, if any.
#pragma once

#include <string_view>

namespace rawswarm
{

// A device name as in /dev: serial lines (ttyS0, ttyAMA0, ttyUSB0, hvc0) and the console.
bool is_serial_line(std::string_view device) noexcept;

// True for a terminal that understands colours and cursor movement, and is not a serial line: a tty whose
// TERM is set, not "dumb", and whose device is not is_serial_line.
bool is_screen(int fd) noexcept;

} // namespace rawswarm
