// SPDX-License-Identifier: BSD-3-Clause
// The block devices of this machine, as the kernel describes them in /sys.
//
// Needs no udev and no program: what /sys does not know is left empty. Blocking, but quick: small files, and
// of each disk its partition table, where asked for. Thread-safe: no state. Sizes and offsets in bytes.
#pragma once

#include "storage/device/device_checks.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace rawswarm
{

struct partition_info
{
	int number = 0;
	std::string path; // "/dev/sda1"
	block_device_id id; // none yet of a partition that is planned only
	std::uint64_t offset = 0;
	std::uint64_t size = 0;
	std::string label; // of a GPT
	std::string uuid; // as the kernel's PARTUUID, in lower case
};

struct disk_info
{
	std::string name; // the kernel's: "sda"
	std::string path; // "/dev/sda"
	block_device_id id;
	std::uint64_t size = 0; // 0: no medium
	std::uint64_t sector_size = 0; // logical
	std::string serial;
	std::string wwn; // as the kernel writes it: "naa.5002538d41a1b2c3", "eui.0025385b71b0a1b2"
	std::string model;
	std::string vendor; // of SCSI disks
	std::string bus; // device_selector::bus
	bool removable = false;
	bool rotational = false;
	bool read_only = false;
	bool made_by_kernel = false; // of other devices or of memory: loop, dm, md, zram
	bool special = false; // optical media, the boot areas of a memory card
	std::vector<partition_info> partitions; // by number
};

// Fills in what only the partition table says: labels and UUIDs.
using table_reader = std::function<void(disk_info&)>;

// Labels and UUIDs as the disk's own table has them. For list_disks; needs to open the disk for reading, and
// leaves a disk as it is that cannot be opened or has no table.
void read_table(disk_info& disk);

// All disks that have a size, in the order of their names: sda, sdb, sdaa. Without hidden ones (the paths of
// a multipath NVMe) and memory disks (ram0).
std::vector<disk_info> list_disks(kernel_files const& files = {}, table_reader const& read = read_table);

// sda before sdb before sdaa, nvme0n1 before nvme0n10: numbers as numbers, shorter letters first.
bool by_kernel_name(std::string_view a, std::string_view b);

} // namespace rawswarm
