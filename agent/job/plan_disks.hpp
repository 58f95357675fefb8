// SPDX-License-Identifier: BSD-3-Clause
// Finds the devices of a job: the disks of its partition tables, and its targets on the disks as they will be
// once those tables are written.
//
// Blocking: reads /sys and partition tables, and waits for disks that appear late. Writes nothing.
#pragma once

#include "agent/machine/partition_table.hpp"
#include "agent/machine/select_device.hpp"
#include "agent/manifest/manifest.hpp"
#include "base/result.hpp"

#include <functional>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

namespace rawswarm
{

// A partition table of the job and its disk.
struct planned_table
{
	disk_info disk;
	table_plan plan;
};

// A partition that the job's table makes.
struct new_partition
{
	std::string disk; // path
	partition_info partition; // with its future path
	std::uint64_t sector_size = 0;
};

struct device_of_target
{
	std::string path;
	std::optional<new_partition> partition_to_make; // it does not exist yet, or is about to be replaced
};

using disk_lister = std::function<std::vector<disk_info>()>;

// Plans the tables. Checks that each disk exists, is not in use and is not a partition, and that its table
// fits. Two tables for one disk are refused.
result<std::vector<planned_table>> plan_tables(std::span<manifest_partition_table const> specs,
	disk_lister const& list, std::stop_token const& stop = {});

// The path that the target names, or that its selector finds. A disk that gets a partition table is refused
// as a target, and so is a partition that the new table does not have.
result<device_of_target> device_for(manifest_target const& target, std::span<planned_table const> tables,
	disk_lister const& list, std::stop_token const& stop = {});

// Refuses two targets, at least one of them written, on the same device, or on a disk and one of its
// partitions.
result<void> check_apart(std::span<manifest_target const> targets);

} // namespace rawswarm
