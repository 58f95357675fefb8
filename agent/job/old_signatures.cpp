// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/old_signatures.hpp"

#include "agent/machine/partition_table.hpp"
#include "agent/machine/whole_disk.hpp"
#include "base/unique_fd.hpp"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <utility>

#include <fcntl.h>

namespace rawswarm
{

namespace
{

// Whether the extents have a byte in common with the signature.
bool is_written(signature const& s, std::span<extent const> const extents)
{
	auto const next = std::ranges::upper_bound(extents, s.offset, {}, &extent::offset);
	bool const reaches_next = next != extents.end() && next->offset < s.offset + s.length;
	bool const from_before =
		next != extents.begin() && std::prev(next)->offset + std::prev(next)->length > s.offset;
	return reaches_next || from_before;
}

bool is_in_partition(signature const& s, partition_table const& table)
{
	return std::ranges::any_of(table.partitions, [&s](table_partition const& p) {
		return s.offset.bytes + s.length > p.offset && s.offset.bytes < p.offset + p.length;
	});
}

} // namespace

std::vector<signature> old_signatures(
	std::vector<signature> all, extent_map const& extents, std::optional<partition_table> const& table)
{
	auto const written = extents.extents();
	bool const begins_device = !written.empty() && written.front().offset == device_offset{};
	auto const is_own = [written](signature const& s) { return is_written(s, written); };
	if (!begins_device && std::ranges::none_of(all, is_own))
	{
		return {};
	}
	std::erase_if(all, [&](signature const& s) {
		return is_own(s) || (s.is_table && !begins_device) || (table && is_in_partition(s, *table));
	});
	return all;
}

result<wiped_signatures> wipe_old_signatures(block_device& device, extent_map const& extents)
{
	auto const& path = device.path();
	std::error_code ec;
	if (std::filesystem::is_directory(path, ec))
	{
		return wiped_signatures();
	}
	unique_fd const fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
	if (!fd)
	{
		return fail(fault::device, system_error(errno), "looking for signatures on {}", path);
	}
	BOOST_OUTCOME_TRY(search, find_signatures(fd.get(), path));
	std::optional<partition_table> table;
	if (is_whole_disk(path))
	{
		auto found = read_partition_table(path);
		if (!found) // no signature can be told from one in a partition
		{
			return wiped_signatures{{}, found.error().text};
		}
		table = std::move(found).value();
	}
	auto const old = old_signatures(std::move(search.found), extents, table);
	for (auto const& s : old)
	{
		BOOST_OUTCOME_TRYV(device.zero(s.offset, s.length));
	}
	return wiped_signatures{describe(old), std::move(search.unread)};
}

std::string note_on_unread(std::string const& reason)
{
	return fmt::format(
		"some sectors cannot be read, and signatures of earlier uses could not be looked for there: {}",
		reason);
}

} // namespace rawswarm
