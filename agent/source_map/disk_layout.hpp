// SPDX-License-Identifier: BSD-3-Clause
// What a disk or an image of one holds, as far as its table and the marks of its file systems say.
//
// Blocking; reads only. Offsets and lengths are bytes.
#pragma once

#include "agent/machine/partition_types.hpp"
#include "base/result.hpp"
#include "storage/device/units.hpp"

#include <optional>
#include <string>

namespace rawswarm
{

struct disk_layout
{
	std::optional<partition_table> table; // empty: there is none, and all of it is one content
	std::string content; // of a source without a table, as content_of() says
};

// path: of a device or an image file, for messages and for its table; fd: of the same, open for reading.
result<disk_layout> read_layout(std::string const& path, int fd);

// The type of what is in the range, as blkid names it ("ext4", "LVM2_member"). Empty: nothing is known, or
// several things are.
result<std::string> content_of(std::string const& path, int fd, byte_range range);

// The same for all of a device. fault::device as well if it cannot be opened.
result<std::string> content_of(std::string const& device);

} // namespace rawswarm
