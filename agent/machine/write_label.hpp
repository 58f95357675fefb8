// SPDX-License-Identifier: BSD-3-Clause
// Writes the table that libfdisk has in memory, and makes sure of it.
//
// Blocking.
#pragma once

#include "agent/machine/fdisk_disk.hpp"
#include "agent/machine/open_disk.hpp"
#include "base/result.hpp"

namespace rawswarm
{

// Writes, syncs and reads back. fault::device: "partitioning /dev/sda: writing the table: ...". The kernel is
// not told.
result<void> write_label(open_disk const& disk, fdisk_disk& in_memory);

} // namespace rawswarm
