// SPDX-License-Identifier: BSD-3-Clause
// How often a text stands in another one, for tests that want a message once and no more.
#pragma once

#include <cstddef>
#include <string_view>

namespace rawswarm::test
{

// part: not empty.
inline std::size_t count_of(std::string_view const text, std::string_view const part)
{
	std::size_t n = 0;
	for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1))
	{
		++n;
	}
	return n;
}

} // namespace rawswarm::test
