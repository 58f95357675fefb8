// SPDX-License-Identifier: BSD-3-Clause
// What is on a target's device, against its torrent: before the download, after it, or at any later time.
//
// Blocking; for the pool of threads that may wait. `read` counts the bytes for displays.
#pragma once

#include "agent/job/plan.hpp"
#include "base/result.hpp"
#include "storage/backend/storage_target.hpp"
#include "storage/device/device_profile.hpp"

#include <atomic>
#include <cstdint>
#include <stop_token>

namespace rawswarm
{

// Hashes what is on the device and tells the storage of every piece that is right, so that it is not fetched.
// What cannot be read is an error.
result<void> keep_what_is_right(
	storage_target& storage, std::atomic<std::int64_t>& read, std::stop_token const& stop);

// Hashes every piece, and compares the gaps of a torrent that says they are zeros: past every cache. What
// differs is fault::verification: "verifying /dev/sda: 3 of 400 pieces differ, the first at 0x1f400000".
result<void> verify_content(block_device& device, planned_target const& target, device_profile const& profile,
	std::atomic<std::int64_t>& read, std::stop_token const& stop);

// A block device that is no partition and may have some.
bool is_whole_disk(std::string const& path);

// Makes the kernel show the partitions of a whole disk that was just written. Does nothing for anything else.
result<void> show_partitions(std::string const& device);

} // namespace rawswarm
