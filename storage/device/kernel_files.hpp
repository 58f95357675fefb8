// SPDX-License-Identifier: BSD-3-Clause
// How the kernel names block devices, and where its files are.
#pragma once

#include <string>

#include <sys/types.h>

namespace rawswarm
{

// Tests bring their own folders.
struct kernel_files
{
	std::string proc = "/proc";
	std::string sys = "/sys";
};

struct block_device_id
{
	unsigned major_number = 0;
	unsigned minor_number = 0;

	static block_device_id of(dev_t device);

	friend bool operator==(block_device_id, block_device_id) = default;
};

} // namespace rawswarm
