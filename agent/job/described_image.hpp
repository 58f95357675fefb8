// SPDX-License-Identifier: BSD-3-Clause
// What a target's torrent says of the image, once it is fetched and held against the job.
//
// describe_image() is pure; fetch_image() blocks, and writes nothing.
#pragma once

#include "agent/bittorrent/torrent_hints.hpp"
#include "agent/manifest/manifest.hpp"
#include "base/result.hpp"
#include "storage/device/extent_map.hpp"
#include "storage/device/piece_seal.hpp"

#include <libtorrent/fwd.hpp>

#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace rawswarm
{

struct described_image
{
	std::string info_hash;
	std::shared_ptr<lt::torrent_info const> torrent;
	extent_map extents;
	torrent_hints hints;
	piece_seals seals;
	std::vector<std::uint32_t> frame_lengths; // bytes by piece, of the compressed image that was made with it

	// The room that it takes on a device.
	std::uint64_t needed(smaller_disk how) const;
};

// bytes: the torrent. Where the spec says that it comes from is its name in messages. fault::refused: no
// torrent of an image, or not the one that the spec pins.
result<described_image> describe_image(manifest_target const& spec, std::string_view bytes);

// If the job is signed the torrent is pinned, or has a signature of its own (job_fetch.hpp).
result<described_image> fetch_image(
	job_fetching const& how, manifest_target const& spec, std::stop_token const& stop = {});

} // namespace rawswarm
