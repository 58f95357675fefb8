// SPDX-License-Identifier: BSD-3-Clause
// Makes the partition table of an image fit on a disk that is smaller than that which it was made of: the
// partition that lies last ends with the disk.
//
// Blocking; one thread per disk. Lengths are bytes.
#pragma once

#include "base/result.hpp"
#include "storage/device/units.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace rawswarm
{

struct shrunk_partition
{
	int number = 0; // 0: none had to shrink
	std::uint64_t before = 0; // length
	std::uint64_t after = 0;
};

// Where the disk has what shrink_table() writes to: the table and the place of its copy.
result<std::vector<byte_range>> ranges_of_table(std::string const& path);

// Lets the partition that lies last end with the disk, at a whole MiB if what the disk has in use fits all
// the same, writes the copy of a GPT to the end of the disk, and reads back what was written. smallest: bytes
// of a disk that would do. The caller has claimed the disk; the kernel is not told. Begun again after an
// interruption it does the rest. fault::target: there is no table, or it would not fit all the same, as
// another partition ends behind the disk or a logical one of an MBR does.
result<shrunk_partition> shrink_table(std::string const& path, std::uint64_t smallest);

} // namespace rawswarm
