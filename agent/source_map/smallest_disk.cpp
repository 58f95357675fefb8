// SPDX-License-Identifier: BSD-3-Clause
#include "agent/source_map/smallest_disk.hpp"

#include "agent/source_map/disk_layout.hpp"
#include "agent/source_map/file_system_size.hpp"
#include "base/bytes.hpp"
#include "base/unique_fd.hpp"
#include "storage/device/exact_io.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <fcntl.h>

namespace rawswarm
{

namespace
{

constexpr std::uint64_t empty_partition = 1_MiB;
constexpr int first_logical = 5; // of an MBR

std::uint64_t up_to(std::uint64_t const bytes, std::uint64_t const unit)
{
	return (bytes + unit - 1) / unit * unit;
}

bool have_common(byte_range const a, byte_range const b)
{
	return a.offset < b.end() && b.offset < a.end();
}

// The end of what is taken, without the copy of the GPT: an image has whole blocks of it.
std::uint64_t end_of_taken(std::vector<byte_range> const& taken, byte_range const copy)
{
	if (copy.length == 0)
	{
		return taken.empty() ? 0 : taken.back().end().bytes;
	}
	device_offset const begin{copy.offset.bytes / block_size * block_size};
	device_offset const end{up_to(copy.end().bytes, block_size)};
	std::uint64_t last = 0;
	for (auto const& range : taken)
	{
		bool const is_behind = range.end() > end;
		auto const before = std::min(range.end(), begin);
		last = is_behind ? range.end().bytes : range.offset < begin ? before.bytes : last;
	}
	return last;
}

class shrinking
{
public:
	shrinking(disk_to_shrink const& source, unique_fd fd)
		: m_source(source)
		, m_fd(std::move(fd))
	{}

	result<std::optional<smallest_disk>> find()
	{
		BOOST_OUTCOME_TRY(layout, read_layout(m_source.path, m_fd.get()));
		if (!layout.table)
		{
			return std::optional<smallest_disk>();
		}
		smallest_disk found;
		byte_range copy; // nothing: no GPT
		if (layout.table->kind == "gpt")
		{
			BOOST_OUTCOME_TRY(table,
				read_gpt([this](device_offset at, std::span<char> bytes) { return read(at, bytes); },
					m_source.sector));
			if (!table)
			{
				return std::optional<smallest_disk>();
			}
			found.ends = ends_of(*table);
			copy = {copy_of(*table).at, table->copy_length()};
		}
		BOOST_OUTCOME_TRY(of_partitions, end_of_partitions(*layout.table, copy));
		auto const end = std::max(of_partitions, end_of_taken(m_source.taken, copy));
		found.size = std::min(up_to(end, m_source.sector) + copy.length, m_source.size);
		return std::optional(found);
	}

private:
	result<void> read(device_offset const at, std::span<char> const bytes) const
	{
		iovec const whole{bytes.data(), bytes.size()};
		return read_exactly(m_fd.get(), m_source.path, at, {&whole, 1});
	}

	result<std::uint64_t> end_of_partitions(partition_table const& table, byte_range const copy) const
	{
		auto const& all = table.partitions;
		auto const last = std::ranges::max_element(
			all, {}, [](table_partition const& p) { return p.container ? 0 : p.offset; });
		std::uint64_t end = 0;
		for (auto const& p : all)
		{
			bool const is_logical = table.kind != "gpt" && p.number >= first_logical;
			if (&p != &*last || p.container || is_logical)
			{
				end = std::max(end, p.offset + p.length);
				continue;
			}
			BOOST_OUTCOME_TRY(length, length_in_use({{p.offset}, p.length}, copy));
			end = std::max(end, p.offset + length);
		}
		return end;
	}

	// Of a partition.
	result<std::uint64_t> length_in_use(byte_range const partition, byte_range const copy) const
	{
		if (partition.offset.bytes >= m_source.size)
		{
			return partition.length;
		}
		auto const there = std::min(partition.length, m_source.size - partition.offset.bytes);
		BOOST_OUTCOME_TRY(type, content_of(m_source.path, m_fd.get(), {partition.offset, there}));
		std::string start(std::min<std::uint64_t>(there, superblock_reach), '\0');
		BOOST_OUTCOME_TRYV(read(partition.offset, start));
		if (auto const size = file_system_size(type, start))
		{
			return std::min(*size, partition.length);
		}
		auto const in_partition = [&](byte_range const r) {
			return have_common(r, partition) && end_of_taken({r}, copy) > partition.offset.bytes;
		};
		bool const is_empty = type.empty() && std::ranges::none_of(m_source.taken, in_partition);
		return is_empty ? std::min(empty_partition, partition.length) : partition.length;
	}

	disk_to_shrink const& m_source;
	unique_fd m_fd;
};

} // namespace

result<std::optional<smallest_disk>> find_smallest_disk(disk_to_shrink const& source)
{
	unique_fd fd(::open(source.path.c_str(), O_RDONLY | O_CLOEXEC));
	if (!fd)
	{
		return fail(fault::target, system_error(errno), "opening {}", source.path);
	}
	return shrinking(source, std::move(fd)).find();
}

} // namespace rawswarm
