// SPDX-License-Identifier: BSD-3-Clause
// `rawswarm devices`: the block devices of this machine, and the selectors that match each of them alone.
#pragma once

#include "agent/machine/disk_inventory.hpp"
#include "storage/device/device_checks.hpp"

#include <span>
#include <string>

namespace rawswarm
{

// For people: one line per device, followed by its selectors as a job has them. files: where the kernel tells
// what uses a device.
std::string devices_as_text(std::span<disk_info const> disks, kernel_files const& files = {});

// One line of JSON, without the newline. Sizes in bytes.
std::string devices_as_json(std::span<disk_info const> disks, kernel_files const& files = {});

} // namespace rawswarm
