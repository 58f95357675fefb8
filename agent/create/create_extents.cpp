// SPDX-License-Identifier: BSD-3-Clause
#include "agent/create/create_extents.hpp"

#include "base/is_zero.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace rawswarm
{

std::string extent_name(device_offset offset)
{
	return fmt::format("0x{:032x}", offset.bytes);
}

extent_builder::extent_builder(std::uint64_t source_size, extent_limits const& limits)
	: m_source_size(source_size)
	, m_limits(limits)
{}

// The first half of the extents costs nothing. Each extent of the other half needs a gap of at least its
// share of the rest of the source, so that the extents last to the end.
std::uint64_t extent_builder::shortest_gap() const
{
	std::size_t const used = m_extents.size();
	if (used < m_limits.max_extents / 2)
	{
		return m_limits.min_gap;
	}
	auto const& last = m_extents.back();
	std::uint64_t const bytes_left = m_source_size - (last.offset.bytes + last.length);
	if (used >= m_limits.max_extents)
	{
		return bytes_left + 1;
	}
	std::uint64_t const extents_left = m_limits.max_extents - used;
	return std::max(m_limits.min_gap, (bytes_left + extents_left - 1) / extents_left);
}

std::uint64_t extent_builder::add(device_offset offset, std::uint64_t length)
{
	if (!m_extents.empty())
	{
		auto& last = m_extents.back();
		std::uint64_t const gap = offset - (last.offset + last.length);
		if (gap == 0 || gap < shortest_gap())
		{
			last.length += gap + length;
			return gap;
		}
	}
	m_extents.push_back({offset, length, {}});
	return 0;
}

buffer_run next_data_run(std::span<char const> buffer, std::size_t from)
{
	auto const block_end = [&](std::size_t begin) { return std::min(begin + block_size, buffer.size()); };
	auto const zero_at = [&](std::size_t begin) {
		return is_zero(buffer.subspan(begin, block_end(begin) - begin));
	};

	while (from < buffer.size() && zero_at(from))
	{
		from = block_end(from);
	}
	std::size_t end = from;
	while (end < buffer.size() && !zero_at(end))
	{
		end = block_end(end);
	}
	return {from, end - from};
}

} // namespace rawswarm
