// SPDX-License-Identifier: BSD-3-Clause
// Which devices a job means: its partition tables on their disks, and its targets on the disks as they will
// be once those tables are written.
//
// Blocking: looks at /sys and at partition tables, and waits for disks that are late. Writes nothing.
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

// A partition table of the job and the disk that it is for.
struct planned_table
{
	disk_info disk;
	table_plan plan;
};

// A partition that the job's table makes.
struct new_partition
{
	std::string disk; // path
	partition_info partition; // its path is the one that it will have
	std::uint64_t sector_size = 0;
};

struct device_of_target
{
	std::string path;
	std::optional<new_partition> partition_to_make; // it does not exist yet, or is about to be replaced
};

using disk_lister = std::function<std::vector<disk_info>()>;

// Each disk is free, of whole and known size, and its table fits: nothing is left that could be checked
// before the first byte. Two tables for one disk are refused.
result<std::vector<planned_table>> plan_tables(std::span<manifest_partition_table const> specs,
	disk_lister const& list, std::stop_token const& stop = {});

// The path that the target names, or that its selector finds. A target that is a disk which gets a partition
// table, or a partition that the new table does not have, is an error.
result<device_of_target> device_for(manifest_target const& target, std::span<planned_table const> tables,
	disk_lister const& list, std::stop_token const& stop = {});

// That no device is written to that another target is on as well: the same device twice, or a disk and a
// partition of it.
result<void> check_apart(std::span<manifest_target const> targets);

} // namespace rawswarm
