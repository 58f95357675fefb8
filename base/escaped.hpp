// SPDX-License-Identifier: BSD-3-Clause
// Text from outside (names in a torrent, mount points, names in /sys) made fit for one line of a log.
#pragma once

#include <fmt/format.h>

#include <cstddef>
#include <string>
#include <string_view>

namespace rawswarm
{

// All but printable ASCII becomes \xNN, quotes and backslashes get a backslash. What is longer than
// `limit` bytes is cut, and ends in "...".
inline std::string escaped(std::string_view text, std::size_t limit = 200)
{
	std::string shown;
	for (char const c : text.substr(0, limit))
	{
		auto const byte = static_cast<unsigned char>(c);
		if (c == '"' || c == '\\')
		{
			shown += '\\';
			shown += c;
		}
		else if (byte < 0x20 || byte > 0x7e)
		{
			shown += fmt::format("\\x{:02x}", byte);
		}
		else
		{
			shown += c;
		}
	}
	if (text.size() > limit)
	{
		shown += "...";
	}
	return shown;
}

} // namespace rawswarm
