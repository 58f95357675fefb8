// SPDX-License-Identifier: BSD-3-Clause
// What the kernel takes for the partitions of a disk, and how it gets to know better.
//
// BLKRRPART makes it read the table itself. Kernels that do not (partition scanning off, no parser for the
// table, somebody has the disk open) are told of each partition with BLKPG, which leaves those alone that are
// right already, and may be in use. Blocking; one thread a disk.
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

// True if the kernel has `known` as the table has `wanted`. It shows but the beginning of a container.
bool is_same_partition(kernel_partition const& known, table_partition const& wanted);

// Returns when /sys and /dev have exactly the table's partitions; an error (fault::target) when they do not
// after `wait`, or when a partition that has to go is in use. Without a table the kernel's own reading
// counts, and if it does not read there are none. Does nothing for an image file.
result<void> tell_kernel(
	open_disk const& disk, std::optional<partition_table> const& table, std::chrono::milliseconds wait);

} // namespace rawswarm
