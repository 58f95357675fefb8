// SPDX-License-Identifier: BSD-3-Clause
#include "agent/http_server/query.hpp"

#include "base/percent_decoded.hpp"
#include "base/text.hpp"

namespace rawswarm
{

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
