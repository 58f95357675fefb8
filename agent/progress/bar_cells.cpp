// SPDX-License-Identifier: BSD-3-Clause
#include "agent/progress/bar_cells.hpp"

#include <algorithm>

namespace rawswarm
{

std::string bar_cells(double const percent, std::size_t const cells)
{
	auto const full = std::min(static_cast<std::size_t>(static_cast<double>(cells) * percent / 100), cells);
	std::string bar(full, '#');
	if (full < cells)
	{
		bar += '>';
		bar.append(cells - full - 1, '.');
	}
	return bar;
}

} // namespace rawswarm
