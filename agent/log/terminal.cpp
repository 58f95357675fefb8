// SPDX-License-Identifier: BSD-3-Clause
#include "agent/log/terminal.hpp"

#include <array>
#include <cstdlib>

#include <sys/ioctl.h>
#include <sys/sysmacros.h>
#include <unistd.h>

namespace rawswarm
{

namespace
{

bool starts_with_letter(std::string_view const text) noexcept
{
	return !text.empty() && ((text[0] >= 'a' && text[0] <= 'z') || (text[0] >= 'A' && text[0] <= 'Z'));
}

} // namespace

bool is_serial_line(std::string_view device) noexcept
{
	constexpr std::string_view folder = "/dev/";
	if (device.substr(0, folder.size()) == folder)
	{
		device.remove_prefix(folder.size());
	}
	// Terminals of the screen have a number (tty1); serial lines have a name (ttyS0, ttyAMA0, ttyUSB0).
	bool const named = device.substr(0, 3) == "tty" && starts_with_letter(device.substr(3));
	return named || device == "console" || device.substr(0, 3) == "hvc";
}

bool is_screen_device(dev_t const number) noexcept
{
	constexpr unsigned virtual_consoles = 4; // up to 63; serial lines follow
	constexpr unsigned first_serial = 64;
	constexpr unsigned first_pseudo = 136;
	constexpr unsigned last_pseudo = 143;
	auto const major = gnu_dev_major(number);
	return (major == virtual_consoles && gnu_dev_minor(number) < first_serial)
		|| (major >= first_pseudo && major <= last_pseudo);
}

bool is_screen(int const fd) noexcept
{
	auto const* term = std::getenv("TERM");
	if (fd < 0 || ::isatty(fd) == 0 || term == nullptr || *term == '\0' || std::string_view(term) == "dumb")
	{
		return false;
	}
	unsigned number = 0;
	if (::ioctl(fd, TIOCGDEV, &number) == 0)
	{
		return is_screen_device(number);
	}
	std::array<char, 256> name{};
	return ::ttyname_r(fd, name.data(), name.size()) == 0 && !is_serial_line(name.data());
}

bool wants_style() noexcept
{
	auto const* const no_color = std::getenv("NO_COLOR");
	return no_color == nullptr || *no_color == '\0';
}

std::optional<terminal_size> size_of_terminal(int const fd) noexcept
{
	winsize size{};
	bool const told = ::ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0;
	return told ? std::optional(terminal_size{size.ws_col, size.ws_row}) : std::nullopt;
}

} // namespace rawswarm
