// SPDX-License-Identifier: BSD-3-Clause
#include "storage/device/kernel_files.hpp"

#include <sys/sysmacros.h>

namespace rawswarm
{

block_device_id block_device_id::of(dev_t const device)
{
	return {major(device), minor(device)};
}

} // namespace rawswarm
