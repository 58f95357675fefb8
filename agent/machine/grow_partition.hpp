// SPDX-License-Identifier: BSD-3-Clause
// Gives a partition the free space behind it, as on a disk that is larger than that of its image.
//
// Blocking; one thread per disk. Lengths are bytes.
#pragma once

#include "base/result.hpp"

#include <chrono>
#include <cstdint>
#include <string>

namespace rawswarm
{

struct grown_partition
{
	int number = 0;
	std::uint64_t offset = 0;
	std::uint64_t before = 0; // length
	std::uint64_t after = 0; // the same as before: there is no space behind it
	std::string node; // "/dev/sda2"; empty: an image file, which the kernel does not know
};

// number: of the partition; 0: that which lies last. It grows to the next partition, to the end of the
// extended partition that it is in, or to the end of the disk, down to a whole MiB; it never shrinks. The
// copy of a GPT moves to the end of the disk. Claims the disk, and returns once the kernel shows the
// partition as it is now. fault::target: no table, no such partition, or the disk is in use.
result<grown_partition> grow_partition(std::string const& disk, int number, std::chrono::milliseconds wait);

} // namespace rawswarm
