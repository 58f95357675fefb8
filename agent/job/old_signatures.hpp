// SPDX-License-Identifier: BSD-3-Clause
// Signatures of earlier uses that an image leaves on its device, because it does not write there: an md
// superblock at the end, a btrfs one in free space.
#pragma once

#include "agent/machine/partition_types.hpp"
#include "agent/machine/signatures.hpp"
#include "base/result.hpp"
#include "storage/device/block_device.hpp"
#include "storage/device/extent_map.hpp"

#include <optional>
#include <string>
#include <vector>

namespace rawswarm
{

// Those of `all` that no byte of the image overwrote and that are in no partition of its table. Pure.
//
// None if the image is only a part of what the device holds: it does not begin with the device, and no
// signature is the image's own. The rest of the device is somebody else's then.
std::vector<signature> old_signatures(
	std::vector<signature> all, extent_map const& extents, std::optional<partition_table> const& table);

// What came of it, in words; empty: nothing to be said.
struct wiped_signatures
{
	std::string wiped;
	std::string unread; // why some could not be looked for
};

// Blocking. Overwrites them with zeros; a sync is due afterwards. The device is the target's own, and the
// image is on it. What cannot be read is nothing that the image needs, so that it is said and no failure.
result<wiped_signatures> wipe_old_signatures(block_device& device, extent_map const& extents);

// For a person who reads the log or the report.
std::string note_on_unread(std::string const& reason);

} // namespace rawswarm
