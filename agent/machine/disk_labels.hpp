// SPDX-License-Identifier: BSD-3-Clause
// The names of a disk's partitions that only its partition table has.
#pragma once

#include "agent/machine/disk_info.hpp"

namespace rawswarm
{

// Fills in labels and UUIDs as the disk's own table has them. Opens the disk for reading; a disk that cannot
// be opened or has no table stays as it is. Blocking.
void read_partition_labels(disk_info& disk);

} // namespace rawswarm
