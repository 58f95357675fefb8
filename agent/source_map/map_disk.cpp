// SPDX-License-Identifier: BSD-3-Clause
#include "agent/source_map/map_disk.hpp"

#include "agent/machine/kernel_partitions.hpp"
#include "agent/source_map/disk_layout.hpp"
#include "agent/source_map/file_system.hpp"
#include "base/bytes.hpp"
#include "base/unique_fd.hpp"

#include <algorithm>
#include <cerrno>
#include <optional>
#include <utility>

#include <fcntl.h>

namespace rawswarm
{

namespace
{

// A gap beside partitions that is longer is free space, but for its ends.
constexpr std::uint64_t longest_gap_taken = 16_MiB;
constexpr std::uint64_t gap_end_taken = 1_MiB;

constexpr auto not_zero = "what is not zero";

class disk_mapper
{
public:
	disk_mapper(map_options const& options, unique_fd fd)
		: m_options(options)
		, m_fd(std::move(fd))
	{}

	result<source_map> map()
	{
		byte_range const whole{{0}, m_options.size};
		BOOST_OUTCOME_TRY(layout, read_layout(m_options.source, m_fd.get()));
		auto const& table = layout.table;
		if (!table)
		{
			BOOST_OUTCOME_TRYV(add_part("the whole source", whole, layout.content, {}));
			return std::move(m_map);
		}
		if (auto const both = overlapping(table->partitions))
		{
			auto const why = fmt::format("partitions {} and {} overlap", both->first, both->second);
			add_not_zero({"the whole source", {}, {}, m_options.size, whole}, why);
			return std::move(m_map);
		}
		BOOST_OUTCOME_TRYV(add_partitions(*table));
		std::ranges::sort(m_map.areas, {}, [](source_area const& a) { return a.range.offset; });
		return std::move(m_map);
	}

private:
	result<void> add_partitions(partition_table const& table)
	{
		auto partitions = table.partitions;
		std::ranges::sort(partitions, {}, &table_partition::offset);
		auto const nodes = kernel_partitions_of(m_options.source);
		source_part outside{"outside of partitions", {}, not_zero, 0, {}};
		std::uint64_t end = 0;
		bool is_first = true;
		for (auto const& p : partitions)
		{
			auto const begin = std::min(p.offset, m_options.size);
			if (p.container)
			{
				// its own record of partitions is outside of all of them, and the gap before it ends here
				add_gap(outside, {{end}, std::max(end, begin) - end}, is_first);
				end = std::max(end, begin);
				continue;
			}
			auto const length = std::min(p.length, m_options.size - begin);
			add_gap(outside, {{end}, std::max(end, begin) - end}, is_first);
			is_first = false;
			end = begin + length;
			if (length > 0)
			{
				BOOST_OUTCOME_TRY(type, content_of(m_options.source, m_fd.get(), {{begin}, length}));
				auto const node = std::ranges::find(nodes, p.number, &kernel_partition::number);
				bool const is_known = node != nodes.end() && is_same_partition(*node, p);
				BOOST_OUTCOME_TRYV(add_part(fmt::format("partition {}", p.number), {{begin}, length}, type,
					is_known ? node->node : std::string()));
			}
		}
		add_gap(outside, {{end}, m_options.size - end}, false);
		m_map.parts.insert(m_map.parts.begin(), outside);
		return success();
	}

	void add_gap(source_part& outside, byte_range const gap, bool const is_first)
	{
		outside.size += gap.length;
		if (gap.length == 0)
		{
			return;
		}
		if (is_first || gap.length <= longest_gap_taken)
		{
			m_map.areas.push_back({gap, area_content::data});
			return;
		}
		m_map.areas.push_back({{gap.offset, gap_end_taken}, area_content::data});
		m_map.areas.push_back({{{gap.end().bytes - gap_end_taken}, gap_end_taken}, area_content::data});
	}

	void add_not_zero(source_part part, std::string const& why)
	{
		m_map.areas.push_back({part.range, area_content::data});
		part.means = why.empty() ? not_zero : fmt::format("{} ({})", not_zero, why);
		m_map.parts.push_back(std::move(part));
	}

	result<void> add_part(
		std::string const& name, byte_range const range, std::string const& type, std::string const& node)
	{
		source_window const window{m_options.source, m_fd.get(), range, range.length == m_options.size, node};
		BOOST_OUTCOME_TRY(used, find_used_blocks(window, type));
		if (!used.unclean.empty() && !m_options.allow_unclean)
		{
			return fail(fault::target,
				"reading {}: {} ({}): {}; --allow-unclean takes what is not zero of it", m_options.source,
				name, type, used.unclean);
		}
		source_part part{name, type, used.means, range.length, range};
		auto const& why = used.unclean.empty() ? used.unknown : used.unclean;
		if (!why.empty() || used.ranges.empty())
		{
			add_not_zero(std::move(part), why);
			return success();
		}
		for (auto const& r : used.ranges)
		{
			m_map.areas.push_back({r});
		}
		m_map.parts.push_back(std::move(part));
		return success();
	}

	map_options const& m_options;
	unique_fd m_fd;
	source_map m_map;
};

} // namespace

result<source_map> map_disk(map_options const& options)
{
	unique_fd fd(::open(options.source.c_str(), O_RDONLY | O_CLOEXEC));
	if (!fd)
	{
		return fail(fault::target, system_error(errno), "opening {}", options.source);
	}
	return disk_mapper(options, std::move(fd)).map();
}

} // namespace rawswarm
