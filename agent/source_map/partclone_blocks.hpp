// SPDX-License-Identifier: BSD-3-Clause
// The blocks that a file system has in use, as the program of partclone that knows it says (its option -D,
// which reads the file system's own map and no data).
//
// The programs are those of the machine; without them the blocks are unknown.
#pragma once

#include "agent/source_map/used_blocks.hpp"
#include "base/result.hpp"

#include <string>

namespace rawswarm
{

// type: "xfs", "btrfs", "vfat", "exfat" or "ntfs".
result<used_blocks> partclone_blocks(source_window const& window, std::string const& type);

} // namespace rawswarm
