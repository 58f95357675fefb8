// SPDX-License-Identifier: BSD-3-Clause
// Whether a block device stays as it is while it is read.
//
// Reads /proc and /sys only. Errors are fault::target and read "opening /dev/sda1: mounted on /mnt, and
// may change while it is read".
#pragma once

#include "base/result.hpp"
#include "storage/device/device_checks.hpp"

#include <string>

namespace rawswarm
{

// Refused: a device in use, unless its use is to be mounted read-only. The rule is for the device
// itself; a disk of which a partition is mounted is refused either way.
result<void> check_unchanging(
	std::string const& label, block_device_id device, kernel_files const& files = {});

} // namespace rawswarm
