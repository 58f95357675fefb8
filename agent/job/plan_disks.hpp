// SPDX-License-Identifier: BSD-3-Clause
// Finds the devices of a job: the disks of its partition tables, and its targets and volumes on the disks as
// they will be once those tables are written.
//
// Blocking: reads /sys and partition tables, and waits for disks that appear late. Writes nothing.
#pragma once

#include "agent/machine/partition_table.hpp"
#include "agent/machine/select_device.hpp"
#include "agent/manifest/manifest.hpp"
#include "base/result.hpp"
#include "storage/device/extent_map.hpp"

#include <cstdint>
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

struct found_device
{
	std::string path;
	std::optional<new_partition> partition_to_make; // it does not exist yet, or is about to be replaced
};

using disk_lister = std::function<std::vector<disk_info>()>;

// Plans the tables. Checks that each disk exists, is not in use and is not a partition, and that its table
// fits. Two tables for one disk are refused.
result<std::vector<planned_table>> plan_tables(std::span<manifest_partition_table const> specs,
	disk_lister const& list, std::stop_token const& stop = {});

// The path, or the device that the selector finds. A disk that gets a partition table is refused, and so is a
// partition that the new table does not have.
result<found_device> device_for(std::string const& path, std::optional<device_selector> const& selector,
	std::span<planned_table const> tables, disk_lister const& list, std::stop_token const& stop = {});

// The guards of a device that is written (storage/device/open_device.hpp), for a partition that does not
// exist yet. Its disk is checked by plan_tables(). needed: bytes.
result<void> check_new_partition(new_partition const& made, std::uint64_t needed, extent_map const& extents);

// Refuses two of them, at least one of which is written, on the same device, or on a disk and one of its
// partitions. volumes: their paths; all are written.
result<void> check_apart(std::span<manifest_target const> targets, std::span<std::string const> volumes = {});

// The disks with the partitions that they will have.
std::vector<disk_info> with_tables(std::vector<disk_info> disks, std::span<planned_table const> tables);

// The path with all links followed, whether it exists or not.
std::string real_path(std::string const& path);

// Of the partition of the disk that has this path, existing or not, by the kernel's rule. Empty: none has.
std::optional<int> partition_number(std::string const& path, std::string const& disk);

} // namespace rawswarm
