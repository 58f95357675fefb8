// SPDX-License-Identifier: BSD-3-Clause
// Finds the one device that a selector means, or says why it cannot, and lists the disks that exist.
//
// Errors are fault::target: "selecting the device with serial S4EVNX0: none matches; there are /dev/sda (…),
// …".
#pragma once

#include "agent/machine/device_selector.hpp"
#include "agent/machine/disk_inventory.hpp"
#include "base/result.hpp"

#include <functional>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

namespace rawswarm
{

struct selected_device
{
	std::string path; // of the partition, if one is meant, else of the disk
	disk_info disk;
	std::optional<partition_info> partition;
};

// Pure. Empty: nothing matches.
result<std::optional<selected_device>> select(device_selector const& s, std::span<disk_info const> disks);

// Looks again until something matches, for as long as the selector says that a disk may be late. Several
// matches are an error at once: they will not become fewer. Blocking; ends early when asked to stop.
// `waiting` is called once before the wait, with the error that a timeout would give.
result<selected_device> find_device(device_selector const& s,
	std::function<std::vector<disk_info>()> const& list, std::stop_token const& stop = {},
	std::function<void(error const&)> const& waiting = {});

// "/dev/sda (Samsung SSD 860, serial S4EVNX0, 500107862016 bytes)": as messages name a disk.
std::string describe(disk_info const& disk);

} // namespace rawswarm
