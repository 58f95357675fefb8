// SPDX-License-Identifier: BSD-3-Clause
// A disk that is smaller than that which its image was made of: whether it will do, how it is opened, and
// what makes it right once the image is on it.
//
// Blocking.
#pragma once

#include "agent/job/planned_target.hpp"
#include "base/result.hpp"
#include "storage/backend/storage_target.hpp"
#include "storage/device/block_device.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace rawswarm
{

// That the device has room for the image, or that the target asks for its last partition to shrink and that
// is enough, in which case the plan says so afterwards (planned_target::shrinks_to). size: of the device.
// fault::target with the size that would do.
result<void> check_room(planned_target& plan, std::uint64_t size);

// The device of a target that is to shrink, for its storage: what of the image does not fit on the device is
// kept in memory.
std::unique_ptr<block_device> shortened(planned_target const& plan, std::unique_ptr<block_device> device);

// Lets the last partition of an image that is written and verified end with its disk. Peers get the image as
// it was. Returns what a person should know.
result<std::string> shrink_to_disk(storage_target& storage, planned_target const& plan);

// The image as it was, on a disk to which it was shrunk. Empty: it was not, or the torrent does not say what
// its table was like.
result<std::unique_ptr<block_device>> unshrunk(
	planned_target const& plan, std::unique_ptr<block_device>& device);

} // namespace rawswarm
