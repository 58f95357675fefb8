// SPDX-License-Identifier: BSD-3-Clause
// Reads a source once, front to back, and yields the parts of its torrent: extents and piece hashes.
//
// The threads of piece_hash_pool read what is taken as it is, and hash. What is looked at first, for zeros or
// for a checksum, the calling thread reads. Memory is bounded by the pieces in flight. The first error of a
// read ends the scan (fault::device, with the offset).
#pragma once

#include "agent/create/create_extents.hpp"
#include "agent/create/piece_hash_pool.hpp"
#include "agent/create/piece_size.hpp"
#include "agent/create/sparse_map.hpp"
#include "agent/source_map/source_map.hpp"
#include "base/result.hpp"
#include "storage/device/block_device.hpp"

#include <libtorrent/sha1_hash.hpp>

#include <cstdint>
#include <functional>
#include <span>
#include <stop_token>
#include <vector>

namespace rawswarm
{

struct scan_settings
{
	int piece_size = 0; // bytes
	int threads = 1;
	extent_limits limits;
	std::function<void(std::int64_t done, std::int64_t total)> progress; // bytes to be read; may be empty
	std::uint64_t max_pieces = rawswarm::max_pieces; // scan_areas ends where there would be more
	bool past_cache =
		false; // reads go to the medium: a device that is read once need not fill the page cache
	piece_sink* sink = nullptr; // gets each piece; its first error ends the scan
	int readers = 1; // that may read at once
	std::stop_token stop = {}; // ends the scan with fault::internal, after some MiB at most
};

struct scanned_source
{
	std::vector<source_extent> extents; // in the order of the device, which is that of the torrent
	std::vector<lt::sha1_hash> hashes; // of the pieces
	std::uint64_t bytes = 0; // in extents
	std::vector<piece_seal> seals = {}; // of the pieces
};

// One extent over the whole source. Holes are hashed as zeros without being read.
result<scanned_source> scan_whole(block_device& source, sparse_map& data, scan_settings const& settings);

// Extents over what the areas say, and over short gaps between them: all of an area, or the blocks of 16 KiB
// in it that are not all zero. Nothing at all becomes the first block. fault::usage as soon as there are too
// many pieces, which no one can know before; fault::verification for an area whose checksum is another one.
result<scanned_source> scan_areas(block_device& source, sparse_map& data, std::span<source_area const> areas,
	scan_settings const& settings);

// One such area over the whole source.
result<scanned_source> scan_without_zeros(
	block_device& source, sparse_map& data, scan_settings const& settings);

// The extents that are given, which are sorted and do not overlap.
result<scanned_source> scan_extents(
	block_device& source, std::vector<source_extent> extents, scan_settings const& settings);

} // namespace rawswarm
