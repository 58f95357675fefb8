// SPDX-License-Identifier: BSD-3-Clause
// The kind of terminal that a file descriptor leads to, if any.
#pragma once

#include <optional>
#include <string_view>

#include <sys/types.h>

namespace rawswarm
{

// A device name as in /dev: serial lines (ttyS0, ttyAMA0, ttyUSB0, hvc0) and the console.
bool is_serial_line(std::string_view device) noexcept;

// Whether a terminal with this number is one of the screen: a virtual console (tty1) or a pseudo-terminal (a
// window, ssh). Source of the numbers: the kernel's admin-guide/devices.txt.
bool is_screen_device(dev_t number) noexcept;

// True for a terminal that understands colours and cursor movement, and is not a serial line: a tty whose
// TERM is set and not "dumb", and which is_screen_device. /dev/console is what it leads to, which the kernel
// tells (TIOCGDEV, Linux 2.6.37): the screen or a serial line, by the last console= of the command line.
bool is_screen(int fd) noexcept;

// Whether what is on the screen or the line may have colours and bold type: the environment has no NO_COLOR
// (no-color.org).
bool wants_style() noexcept;

// Columns and rows.
struct terminal_size
{
	unsigned short columns = 0;
	unsigned short rows = 0;
};

// Empty if the terminal does not tell, as serial lines do not.
std::optional<terminal_size> size_of_terminal(int fd) noexcept;

} // namespace rawswarm
