// SPDX-License-Identifier: BSD-3-Clause
#include "agent/machine/disk_labels.hpp"

#include "agent/machine/partition_table.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

namespace rawswarm
{

void read_partition_labels(disk_info& disk)
{
	// Most disks that cannot be read have no medium. A selector that needs one of their labels finds none.
	auto const table = disk.partitions.empty() ? std::nullopt : [&]() -> std::optional<partition_table> {
		auto read = read_partition_table(disk.path);
		return read ? std::move(read).value() : std::nullopt;
	}();
	for (auto const& wanted : table ? table->partitions : std::vector<table_partition>())
	{
		auto const known = std::ranges::find(disk.partitions, wanted.number, &partition_info::number);
		if (known != disk.partitions.end())
		{
			known->label = wanted.label;
			known->uuid = wanted.uuid;
		}
	}
}

} // namespace rawswarm
