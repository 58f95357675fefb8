// SPDX-License-Identifier: BSD-3-Clause
#include "agent/log/terminal.hpp"

#include <array>
#include <cstdlib>

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

bool is_screen(int const fd) noexcept
{
	auto const* term = std::getenv("TERM");
	if (fd < 0 || ::isatty(fd) == 0 || term == nullptr || *term == '\0' || std::string_view(term) == "dumb")
	{
		return false;
	}
	std::array<char, 256> name{};
	return ::ttyname_r(fd, name.data(), name.size()) == 0 && !is_serial_line(name.data());
}

} // namespace rawswarm
