// SPDX-License-Identifier: BSD-3-Clause
// The blocks that an ext2, ext3 or ext4 has in use, as libext2fs reads them of its bitmaps.
#pragma once

#include "agent/source_map/used_blocks.hpp"

namespace rawswarm
{

used_blocks ext_blocks(source_window const& window);

} // namespace rawswarm
