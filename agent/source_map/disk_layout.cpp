// SPDX-License-Identifier: BSD-3-Clause
#include "agent/source_map/disk_layout.hpp"

#include "agent/machine/partition_table.hpp"
#include "agent/machine/signatures.hpp"
#include "base/unique_fd.hpp"

#include <algorithm>
#include <cerrno>
#include <vector>

#include <fcntl.h>

namespace rawswarm
{

namespace
{

std::string type_among(std::vector<signature> const& signatures)
{
	std::string type;
	for (auto const& found : signatures)
	{
		if (found.is_table || found.type == type)
		{
			continue; // copies count as well
		}
		if (!type.empty())
		{
			return {};
		}
		type = found.type;
	}
	return type;
}

} // namespace

result<disk_layout> read_layout(std::string const& path, int const fd)
{
	BOOST_OUTCOME_TRY(search, find_signatures(fd, path));
	disk_layout layout;
	// libblkid tells a table from the boot sector of a file system that looks like one
	if (std::ranges::any_of(search.found, &signature::is_table))
	{
		// a partition is no disk, and has no table that counts
		if (auto table = read_partition_table(path);
			table && table.value() && !table.value()->partitions.empty())
		{
			layout.table = std::move(table).value();
			return layout;
		}
	}
	layout.content = type_among(search.found);
	return layout;
}

result<std::string> content_of(std::string const& path, int const fd, byte_range const range)
{
	BOOST_OUTCOME_TRY(search, find_signatures(fd, path, range.offset, range.length));
	return type_among(search.found);
}

result<std::string> content_of(std::string const& device)
{
	unique_fd const fd(::open(device.c_str(), O_RDONLY | O_CLOEXEC));
	if (!fd)
	{
		return fail(fault::device, system_error(errno), "opening {}", device);
	}
	return content_of(device, fd.get(), {});
}

} // namespace rawswarm
