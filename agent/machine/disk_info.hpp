// SPDX-License-Identifier: BSD-3-Clause
// A disk of this machine and its partitions, as far as the kernel and the partition table tell. Plain values;
// sizes and offsets in bytes, and what is not known is empty.
#pragma once

#include "storage/device/device_checks.hpp"

#include <cstdint>
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
	bool external = false; // on a cable or in a slot that people use: USB, memory cards
	bool rotational = false;
	bool read_only = false;
	bool made_by_kernel = false; // of other devices or of memory: loop, dm, md, zram
	bool special = false; // optical media, the boot areas of a memory card
	std::vector<partition_info> partitions; // by number
};

} // namespace rawswarm
