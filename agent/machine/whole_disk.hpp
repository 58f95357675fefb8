// SPDX-License-Identifier: BSD-3-Clause
// Devices that have partitions of their own.
#pragma once

#include "base/result.hpp"

#include <string>

namespace rawswarm
{

// True for a block device that is not a partition and may have some.
bool is_whole_disk(std::string const& path);

// Makes the kernel show the partitions of a whole disk that was just written. Does nothing for anything else.
// Blocking: waits for the devices of the partitions, partition_wait at most. Returns what a person should
// know; empty: nothing.
result<std::string> show_partitions(std::string const& device);

} // namespace rawswarm
