// SPDX-License-Identifier: BSD-3-Clause
// Gives a disk and its partitions new identifiers: the GUIDs of a GPT, or the number of an MBR, from which
// the kernel makes those of its partitions.
//
// Blocking; one thread per disk.
#pragma once

#include "agent/machine/partition_types.hpp"
#include "base/result.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace rawswarm
{

// By which others may name the disk and its partitions, in lower case: "PARTUUID" as the kernel has it, and
// the disk's own, an MBR's without 0x.
std::vector<std::string> ids_of(partition_table const& table);

// Random ones. The copy of a GPT moves to the end of the disk. Claims the disk, and returns once the kernel
// was told. fault::target: no table, or the disk is in use.
result<void> renew_ids(std::string const& disk, std::chrono::milliseconds wait);

} // namespace rawswarm
