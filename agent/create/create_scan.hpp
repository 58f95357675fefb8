// SPDX-License-Identifier: BSD-3-Clause
// Reads a source once, front to back, and yields what its torrent is made of: extents and piece hashes.
//
// Runs on the calling thread, which reads, and on piece_hash_pool's, which hash. Memory is bounded by the
// pieces in flight. The first error of a read ends it (fault::device, with the place).
#pragma once

#include "agent/create/create_extents.hpp"
#include "agent/create/sparse_map.hpp"
#include "base/result.hpp"
#include "storage/device/block_device.hpp"

#include <libtorrent/sha1_hash.hpp>

#include <cstdint>
#include <functional>
#include <vector>

namespace rawswarm
{

struct scan_settings
{
	int piece_size = 0; // bytes
	int threads = 1;
	extent_limits limits;
	std::function<void(std::int64_t done, std::int64_t total)> progress; // bytes of the source; may be empty
};

struct scanned_source
{
	std::vector<source_extent> extents; // in the order of the device, which is that of the torrent
	std::vector<lt::sha1_hash> hashes; // of the pieces
	std::uint64_t bytes = 0; // in extents
};

// One extent over the whole source. Holes are hashed as zeros without being read.
result<scanned_source> scan_whole(block_device& source, sparse_map& data, scan_settings const& settings);

// Extents over the blocks of 16 KiB that are not all zero, and over short gaps between them. Of a
// source of zeros only, the first block.
result<scanned_source> scan_without_zeros(
	block_device& source, sparse_map& data, scan_settings const& settings);

// The extents that are given, which are sorted and do not overlap.
result<scanned_source> scan_extents(
	block_device& source, std::vector<source_extent> extents, scan_settings const& settings);

} // namespace rawswarm
