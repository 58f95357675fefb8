// SPDX-License-Identifier: BSD-3-Clause
#include "agent/machine/partition_types.hpp"

#include <algorithm>

namespace rawswarm
{

std::optional<std::pair<int, int>> overlapping(std::vector<table_partition> const& partitions)
{
	for (auto const& a : partitions)
	{
		for (auto const& b : partitions)
		{
			bool const is_inside =
				a.container && a.offset <= b.offset && b.offset + b.length <= a.offset + a.length;
			bool const overlap = a.offset <= b.offset && b.offset < a.offset + a.length;
			if (a.number != b.number && overlap && !is_inside)
			{
				return std::minmax({a.number, b.number});
			}
		}
	}
	return {};
}

} // namespace rawswarm
