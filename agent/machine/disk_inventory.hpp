// SPDX-License-Identifier: BSD-3-Clause
// The block devices of this machine, as the kernel describes them in /sys.
//
// Needs no udev and no program: what /sys does not know is left empty. Blocking, but quick: it reads small
// files and, where asked for, the partition table of each disk. Thread-safe: no state.
#pragma once

#include "agent/machine/disk_info.hpp"
#include "agent/machine/disk_labels.hpp"
#include "storage/device/device_checks.hpp"

#include <functional>
#include <string_view>
#include <vector>

namespace rawswarm
{

// Fills in what only the partition table says: labels and UUIDs.
using table_reader = std::function<void(disk_info&)>;

// All disks that have a size, in the order of their names: sda, sdb, sdaa. Without hidden ones (the paths of
// a multipath NVMe) and memory disks (ram0).
std::vector<disk_info> list_disks(
	kernel_files const& files = {}, table_reader const& read = read_partition_labels);

// sda before sdb before sdaa, nvme0n1 before nvme0n10: numbers as numbers, shorter letters first.
bool by_kernel_name(std::string_view a, std::string_view b);

} // namespace rawswarm
