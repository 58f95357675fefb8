// SPDX-License-Identifier: BSD-3-Clause
// The volumes of a job: small images that are fetched into memory when it starts, compared with their hashes,
// and written once every image is on its device (agent/job/write_volumes.hpp).
//
// Blocking: fetches, examines devices. Writes nothing.
#pragma once

#include "agent/job/plan_disks.hpp"
#include "agent/manifest/manifest.hpp"
#include "base/result.hpp"
#include "storage/device/extent_map.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

namespace rawswarm
{

// Of all volumes of a job together, as all are in memory until they are written. Initial value, not measured:
// far above a cloud-init volume, enough for the usual partition with firmware, and what the block pool leaves
// of a machine with 512 MiB.
inline constexpr std::size_t max_volume_bytes = std::size_t(64) * 1024 * 1024;

struct planned_volume
{
	manifest_volume spec; // its device is a path by now, unless it is a partition of an image
	std::string bytes;
	extent_map extents; // one, at the device's start
	std::optional<new_partition> partition_to_make; // set: the device exists once the tables are written
	std::optional<device_selector> of_image; // set: it exists once the image of its disk is there, and is
	                                         // found and checked then
};

// Fetches each volume, finds its device and checks it as the device of a target is checked. An image file
// must exist; a folder is refused. targets: with paths as devices. A volume on a target's device or on that
// of another volume is refused, and so is one on the disk of a target that is a partition; a partition of a
// target that is a disk may be written once its image is there.
result<std::vector<planned_volume>> plan_volumes(std::span<manifest_volume const> specs,
	std::span<manifest_target const> targets, std::span<planned_table const> tables,
	job_fetching const& how = {}, std::stop_token const& stop = {});

} // namespace rawswarm
