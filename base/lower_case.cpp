// SPDX-License-Identifier: BSD-3-Clause
#include "base/lower_case.hpp"

namespace rawswarm
{

std::string lower_case(std::string_view text)
{
	std::string lower(text);
	for (char& c : lower)
	{
		if (c >= 'A' && c <= 'Z')
		{
			c = static_cast<char>(c - 'A' + 'a');
		}
	}
	return lower;
}

} // namespace rawswarm
