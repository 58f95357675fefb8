// SPDX-License-Identifier: BSD-3-Clause
#include "agent/source_map/range_list.hpp"

#include <algorithm>
#include <utility>

namespace rawswarm
{

void range_list::add(byte_range const range)
{
	if (range.length == 0)
	{
		return;
	}
	append(range);
	while (m_ranges.size() > m_most)
	{
		m_min_gap *= 2;
		for (auto const& earlier : std::exchange(m_ranges, {}))
		{
			append(earlier);
		}
	}
}

void range_list::append(byte_range const range)
{
	if (m_ranges.empty() || range.offset.bytes >= m_ranges.back().end().bytes + m_min_gap)
	{
		m_ranges.push_back(range);
		return;
	}
	auto& last = m_ranges.back();
	last.length = std::max(last.end(), range.end()) - last.offset;
}

std::vector<byte_range> clipped(std::vector<byte_range> const& ranges, byte_range const window)
{
	std::vector<byte_range> inside;
	for (auto const& range : ranges)
	{
		auto const begin = std::max(range.offset, window.offset);
		auto const end = std::min(range.end(), window.end());
		if (begin < end)
		{
			inside.push_back({begin, end - begin});
		}
	}
	return inside;
}

} // namespace rawswarm
