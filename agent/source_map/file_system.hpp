// SPDX-License-Identifier: BSD-3-Clause
// What a file system that is not mounted has in use, and whether that can be believed.
//
// A map of blocks is right only if the file system was unmounted cleanly: a journal that is still to be
// replayed moves blocks that the map does not know.
//
// Blocking; reads only.
#pragma once

#include "agent/source_map/used_blocks.hpp"
#include "base/result.hpp"

#include <string>

namespace rawswarm
{

// type: as blkid names it (signature::type): "ext4", "xfs", "swap". Errors are fault::device.
result<used_blocks> find_used_blocks(source_window const& window, std::string const& type);

} // namespace rawswarm
