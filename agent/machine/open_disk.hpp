// SPDX-License-Identifier: BSD-3-Clause
// A whole disk, opened for its partition table.
//
// Errors are fault::target and begin with the action: "partitioning /dev/sda: in use, its partition
// sda1 is mounted on /mnt". Any thread.
#pragma once

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "storage/device/device_checks.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace rawswarm
{

enum class disk_access
{
	read_only,
	claimed, // for writing, and nobody else may claim it, mount it or mount a partition of it
	held, // for writing, by a caller that has claimed it already
};

// A block device that is not a partition, or an image file.
struct open_disk
{
	static result<open_disk> open(std::string const& path, disk_access access, std::string_view doing);

	unique_fd fd;
	std::string path;
	std::string label; // for messages: with the target of a link
	std::optional<block_device_id> device; // empty: an image file
};

} // namespace rawswarm
