// SPDX-License-Identifier: BSD-3-Clause
// What a job does with its disks once every image is on them, nobody is served any more and their devices are
// closed. Its volumes come first (agent/job/write_volumes.hpp). Then disks get identifiers of their own,
// partitions and file systems grow, small files are put into them, the firmware gets an entry, then the job's
// own programs run.
//
// Blocking. The first error ends it.
#pragma once

#include "agent/manifest/manifest.hpp"
#include "base/result.hpp"

#include <functional>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

namespace rawswarm
{

// A device of the plan, and what its target asks for.
struct disk_to_finish
{
	std::string device;
	std::optional<grow_request> grow;
	disk_ids ids = disk_ids::keep;
	std::vector<landed_file> files;
	std::optional<boot_entry_request> boot_entry;
};

// Whether the job asks for anything, volumes included.
bool asks_for_finishing(manifest const& job, std::span<disk_to_finish const> disks);

// Whether anything is to be done, or looked at: what UEFI firmware finds on a disk.
bool has_finishing(manifest const& job, std::span<disk_to_finish const> disks);

// disks: of the images, in the order of the job. note: told what a person should know of one of them, by its
// place among the disks.
result<void> finish_disks(manifest const& job, std::span<disk_to_finish const> disks,
	std::function<void(std::size_t disk, std::string text)> const& note, std::stop_token const& stop);

} // namespace rawswarm
