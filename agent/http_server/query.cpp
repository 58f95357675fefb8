// SPDX-License-Identifier: BSD-3-Clause
#include "agent/http_server/query.hpp"

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

std::optional<std::string> query_value(std::string_view const query, std::string_view const key)
{
	for (auto const part : split(query, '&'))
	{
		auto const at = part.find('=');
		if (at != std::string_view::npos && part.substr(0, at) == key)
		{
			return percent_decoded(part.substr(at + 1));
		}
	}
	return std::nullopt;
}

} // namespace rawswarm
