// SPDX-License-Identifier: BSD-3-Clause
// A part of a source that may be a file system, and what that has in use. Plain values; offsets and lengths
// are bytes, from the beginning of the source.
#pragma once

#include "storage/device/units.hpp"

#include <string>
#include <vector>

namespace rawswarm
{

// A part of a source that is taken for a device: a partition, or all of it.
struct source_window
{
	std::string path; // of the source
	int fd = -1; // of the source, open for reading
	byte_range range;
	bool is_whole = false; // the range is all of the source
	std::string node; // the partition's own device, such as /dev/sda1; empty: there is none
};

struct used_blocks
{
	std::vector<byte_range> ranges; // sorted; gaps shorter than 64 KiB are joined
	std::string means; // who says so: "its own bitmap"

	// Why what is in use cannot be known; what is not zero is to be taken. Empty: it is known.
	std::string unknown;

	// Why no copy of it should be made, or none of its map: "it was not unmounted cleanly". Empty: no reason.
	std::string unclean;
};

} // namespace rawswarm
