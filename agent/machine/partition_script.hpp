// SPDX-License-Identifier: BSD-3-Clause
// A partitioning script made into a table, in the memory of libfdisk.
//
// The script is read line by line, so that an error names its line, and checked for what libfdisk lets pass:
// names and sizes that it cuts, overlaps. Nothing is written. One thread per disk.
//
// Errors read "partitioning /dev/sda: line 3 of the script: ...": fault::refused for a script that is wrong
// on any disk, fault::target for one that does not fit this one.
#pragma once

#include "agent/machine/fdisk_disk.hpp"
#include "base/result.hpp"

#include <string>
#include <vector>

namespace rawswarm
{

// The values that a script states itself; the rest is left to chance or is empty.
struct stated_partition
{
	int number = 0;
	int line = 0; // from 1
	bool uuid = false;
	bool label = false;
	bool attributes = false;
};

struct stated_table
{
	bool id = false;
	std::vector<stated_partition> partitions; // in the order of the lines
};

// Replaces whatever table `disk` has in memory. `label` is what messages call the disk.
result<stated_table> apply_script(fdisk_disk& disk, std::string const& label, std::string const& script);

} // namespace rawswarm
