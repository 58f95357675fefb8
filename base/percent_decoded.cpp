// SPDX-License-Identifier: BSD-3-Clause
#include "base/percent_decoded.hpp"

#include "base/text.hpp"

namespace rawswarm
{

std::optional<std::string> percent_decoded(std::string_view text)
{
	std::string decoded;
	decoded.reserve(text.size());
	while (!text.empty())
	{
		if (text.front() != '%')
		{
			decoded += text.front();
			text.remove_prefix(1);
			continue;
		}
		auto const digits = text.substr(1, 2);
		auto const byte = digits.size() == 2 ? from_hex(digits) : std::nullopt;
		if (!byte)
		{
			return std::nullopt;
		}
		decoded += *byte;
		text.remove_prefix(3);
	}
	return decoded;
}

} // namespace rawswarm
