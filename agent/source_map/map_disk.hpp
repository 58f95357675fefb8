// SPDX-License-Identifier: BSD-3-Clause
// The map of a disk, a partition or an image file, made from its partition table and its file systems.
//
// Of each partition what its file system has in use; of swap its header; of what is not known, such as LVM's
// physical volumes, what is not zero. Of the space outside of partitions what is not zero: all of that before
// the first partition, and beside later ones gaps of up to 16 MiB whole, of larger ones the first and the
// last MiB, where extended partitions and a GPT have their copies.
//
// Blocking; reads only.
#pragma once

#include "agent/source_map/source_map.hpp"
#include "base/result.hpp"

#include <cstdint>
#include <string>

namespace rawswarm
{

struct map_options
{
	std::string source; // a block device or an image file
	std::uint64_t size = 0; // of the source, in bytes
	bool allow_unclean = false; // what is not zero of a file system that is not clean, rather than an error
};

// fault::target for a file system that is not clean ("reading /dev/sda: partition 2 (ext4): its journal is
// still to be replayed"), fault::device for a read that failed.
result<source_map> map_disk(map_options const& options);

} // namespace rawswarm
