// SPDX-License-Identifier: BSD-3-Clause
// Checks what is on a device against a torrent: before the download, after it, or at any later time.
//
// Blocking; for threads that may wait. `read` counts the bytes that were read, for displays.
#pragma once

#include "base/result.hpp"
#include "storage/backend/storage_target.hpp"
#include "storage/device/block_device.hpp"
#include "storage/device/content_check.hpp"
#include "storage/device/device_profile.hpp"
#include "storage/device/extent_map.hpp"

#include <libtorrent/fwd.hpp>

#include <atomic>
#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

namespace rawswarm
{

// Hashes what is on the device and reports every piece that is right to the storage, so that it is not
// fetched. The read only saves work: a piece that cannot be read is fetched and written, and after many of
// them, whose reads may take half a minute each, the rest is fetched unseen. Both are logged. Of a seed such
// pieces are bad.
result<void> keep_what_is_right(
	storage_target& storage, std::atomic<std::int64_t>& read, std::stop_token const& stop);

// The content that a device must hold. The torrent and its extents outlive it.
struct expected_image
{
	std::string const& device; // its path, for messages
	lt::torrent_info const& torrent;
	extent_map const& extents;
	std::vector<byte_range> zeros; // outside of the extents
	bool gpt_may_be_moved = false; // its copy, to the end of the disk: the first piece differs by that alone
};

// Hashes every piece and looks for zeros where they are expected, past every cache. A difference is
// fault::verification: "verifying /dev/sda: 3 of 400 pieces differ from the torrent, the first at
// 0x1f400000".
result<void> verify_content(block_device& device, expected_image const& image, device_profile const& profile,
	std::atomic<std::int64_t>& read, std::stop_token const& stop);

} // namespace rawswarm
