// SPDX-License-Identifier: BSD-3-Clause
// What is done on the device of a target once every block of its image is written, and what a person should
// know of the result.
//
// Blocking.
#pragma once

#include "agent/job/old_signatures.hpp"
#include "agent/job/plan.hpp"
#include "base/result.hpp"
#include "storage/backend/storage_target.hpp"

#include <string>
#include <vector>

namespace rawswarm
{

// Extents that begin inside a sector are written exactly, as the kernel reads the rest of the sector; but no
// image of a disk has them. Empty: there are none. Before anything is written.
std::string note_on_odd_extents(planned_target const& plan);

// Wipes the signatures of earlier uses, and syncs. An error has failed the storage.
result<wiped_signatures> wipe_and_sync(storage_target& storage, planned_target const& plan);

// An image of a whole disk may have brought a partition table of its own: compares it with the disk, makes it
// fit on one that is smaller, and has the kernel show its partitions. Returns notes, some of them empty.
result<std::vector<std::string>> look_at_tables(storage_target& storage, planned_target const& plan);

} // namespace rawswarm
