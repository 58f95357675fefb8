// SPDX-License-Identifier: BSD-3-Clause
// The bytes of a .torrent (BEP 3, version 1) for extents and their piece hashes.
//
// Pure, and the same for the same input: no date, no version of the program. The files are in a folder with
// the torrent's name, even a single one, since its own name is its offset.
#pragma once

#include "agent/bittorrent/torrent_hints.hpp"
#include "agent/create/create_extents.hpp"
#include "agent/net/tracker_url.hpp"
#include "storage/device/piece_seal.hpp"

#include <libtorrent/sha1_hash.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace rawswarm
{

struct torrent_content
{
	std::string name;
	std::span<source_extent const> extents; // in the order of the torrent
	std::span<lt::sha1_hash const> hashes;
	int piece_size = 0; // bytes
	torrent_hints hints; // none without source_size
	std::vector<tracker_url> trackers; // each a tier of its own
	// outside of what the info-hash covers
	piece_seals seals = {};
	std::vector<std::uint32_t> frame_lengths = {}; // bytes by piece, in the compressed image if there is one
};

struct encoded_torrent
{
	std::string bytes;
	lt::sha1_hash info_hash;
};

encoded_torrent encode_torrent(torrent_content const& content);

} // namespace rawswarm
