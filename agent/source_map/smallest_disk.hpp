// SPDX-License-Identifier: BSD-3-Clause
// How small a disk may be that takes the image of another one, if its last partition gives up what its file
// system does not use of it.
//
// Blocking; reads only. Bytes.
#pragma once

#include "base/result.hpp"
#include "storage/device/gpt_ends.hpp"
#include "storage/device/units.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace rawswarm
{

struct disk_to_shrink
{
	std::string path; // of the device or the image file
	std::uint64_t size = 0;
	std::uint64_t sector = 0; // that its table counts in
	std::vector<byte_range> taken; // what an image of it has, by offset
};

struct smallest_disk
{
	std::uint64_t size = 0; // that of the source: it cannot be smaller
	std::optional<gpt_ends> ends; // of the GPT that the source has
};

// Up to the end of the last partition's file system, of all other partitions and of all that the image takes,
// and behind that the copy of a GPT. A partition in which nothing is known and of which nothing is taken may
// shrink to a MiB; one with anything but a file system of known size, and a logical one of an MBR, keeps its
// length. Empty: there is no partition table.
result<std::optional<smallest_disk>> find_smallest_disk(disk_to_shrink const& source);

} // namespace rawswarm
