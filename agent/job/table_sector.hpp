// SPDX-License-Identifier: BSD-3-Clause
// That the partition table of an image counts in the sectors of the disk that it goes to: no system would
// find the partitions otherwise.
//
// Blocking. Errors are fault::target. Whole disks only: in a partition or a file nothing looks for a table.
#pragma once

#include "base/result.hpp"
#include "storage/device/block_device.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace rawswarm
{

// The logical sectors of a whole disk, in bytes. Empty: it is none.
std::optional<std::uint64_t> sector_of_whole_disk(std::string const& path);

// Before the first byte. of_table: as the torrent says; empty: it does not.
result<void> check_table_sector(std::string const& path, std::optional<std::uint64_t> of_table);

// Once the start of the image is on the device: looks where its GPT stands.
result<void> check_gpt_place(block_device& device);

} // namespace rawswarm
