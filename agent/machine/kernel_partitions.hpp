// SPDX-License-Identifier: BSD-3-Clause
// The kernel's view of a disk's partitions, and updating it.
//
// BLKRRPART makes it read the table itself. If it does not (partition scanning off, no parser for the
// table, the disk is open elsewhere) it is told of each partition with BLKPG, which leaves alone those that
// are right already and may be in use. Blocking; one thread per disk.
#pragma once

#include "agent/machine/open_disk.hpp"
#include "agent/machine/partition_types.hpp"
#include "base/result.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace rawswarm
{

struct kernel_partition
{
	int number = 0;
	std::uint64_t offset = 0; // bytes
	std::uint64_t length = 0;
	std::string node; // "/dev/sda1"
	block_device_id device;
};

// From the disk's folder in /sys.
std::vector<kernel_partition> kernel_partitions(std::filesystem::path const& disk_folder);

// Of the disk at this path. Empty: it is no block device, or has none.
std::vector<kernel_partition> kernel_partitions_of(std::string const& disk);

// Of one of them: "/dev/sda1". Empty: the kernel does not show it.
std::string partition_node(std::string const& disk, int number);

// True if `known` is the partition that the table has as `wanted`. The kernel exposes only the first sectors
// of an extended partition.
bool is_same_partition(kernel_partition const& known, table_partition const& wanted);

// Returns when /sys and /dev have exactly the table's partitions; an error (fault::target) if they do not
// after `wait`, or if a partition that has to go is in use. Without a table the kernel's own reading
// counts, and if it does not read, the disk has no partitions. Does nothing for an image file. Returns what a
// person should know: partitions that overlap others are not shown.
result<std::string> tell_kernel(
	open_disk const& disk, std::optional<partition_table> const& table, std::chrono::milliseconds wait);

} // namespace rawswarm
