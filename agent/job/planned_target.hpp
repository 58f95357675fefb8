// SPDX-License-Identifier: BSD-3-Clause
// What is known of a target before its device is opened. A plain value.
#pragma once

#include "agent/bittorrent/torrent_hints.hpp"
#include "agent/job/plan_disks.hpp"
#include "agent/manifest/manifest.hpp"
#include "storage/device/extent_map.hpp"
#include "storage/device/piece_seal.hpp"

#include <libtorrent/fwd.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace rawswarm
{

struct planned_target
{
	manifest_target spec; // what the job says; its device is a path by now
	std::string info_hash; // v1, 40 lower-case hex digits
	std::shared_ptr<lt::torrent_info const> torrent;
	extent_map extents;
	torrent_hints hints; // without zero_ranges for a folder, which has no gaps
	std::optional<new_partition> partition_to_make; // set: the device exists once the tables are written
	std::optional<std::uint64_t> shrinks_to = {}; // bytes of a disk that is smaller than the image's
	piece_seals seals = {}; // of what is only served
	std::vector<std::uint32_t> frame_lengths = {}; // of what may come from web seeds (described_image.hpp)
};

} // namespace rawswarm
