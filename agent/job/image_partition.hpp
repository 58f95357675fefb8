// SPDX-License-Identifier: BSD-3-Clause
// Partitions that the image of a whole disk brings: what names one of them, before the image is there and
// after.
//
// A partition that is on such a disk before the job says nothing of what will be there, so nothing is looked
// up on it until the image is in place.
#pragma once

#include "agent/job/plan_disks.hpp"
#include "agent/machine/device_selector.hpp"
#include "base/result.hpp"

#include <optional>
#include <span>
#include <string>

namespace rawswarm
{

// If the path or the selector means a partition of one of the disks that get an image: a selector that has
// the path of that disk, and the partition's number, name or UUID. Empty: it means none of them.
//
// A selector that says nothing of a disk means the only disk that gets an image. fault::target if it could
// mean a partition of several disks, and for a link to a partition, which may lead to another one once the
// image is there.
//
// imaged: paths of these disks. list: the disks as they will be when the job's partition tables are written.
result<std::optional<device_selector>> image_partition(std::string const& path,
	std::optional<device_selector> const& selector, std::span<std::string const> imaged,
	disk_lister const& list);

// The path of that partition, once the image is on its disk and the kernel shows its partitions.
result<std::string> find_image_partition(device_selector const& meant);

} // namespace rawswarm
