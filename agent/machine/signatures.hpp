// SPDX-License-Identifier: BSD-3-Clause
// The marks by which the system recognises what a device holds: file systems, RAID members, physical volumes,
// swap, partition tables. libblkid knows them all; a mark that is left over from an earlier use is found
// beside those of an image, and the next boot assembles what is long gone.
//
// Blocking. Reads through the page cache. Errors are fault::device.
#pragma once

#include "base/result.hpp"
#include "storage/device/units.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace rawswarm
{

struct signature
{
	std::string type; // as blkid names it: "linux_raid_member", "LVM2_member", "btrfs", "gpt"
	device_offset offset; // of the bytes that make it one
	std::uint64_t length = 0; // bytes
	bool is_table = false; // of partitions

	friend bool operator==(signature const&, signature const&) = default;
};

struct signature_search
{
	std::vector<signature> found;
	std::string unread; // why some could not be looked for; empty: all were
};

// Those of a device or an image file, or of a range of it that is taken for a device, such as a partition to
// be; copies of one signature count each. length 0: up to the end. fd: open for reading. label: for messages.
// What lies in sectors that cannot be read is not found, by nobody else either.
result<signature_search> find_signatures(
	int fd, std::string const& label, device_offset offset = {}, std::uint64_t length = 0);

// "linux_raid_member at 0x9ffe000, zfs_member at 0x3fc00 and 511 other places": for messages.
std::string describe(std::vector<signature> const& signatures);

} // namespace rawswarm
