// SPDX-License-Identifier: BSD-3-Clause
// A look at the source of a seed, to notice at the start that it is no longer what its torrent was made of:
// somebody booted the golden machine again.
//
// Blocking. Reads 24 pieces at most, whatever the size.
#pragma once

#include "base/result.hpp"
#include "storage/backend/storage_target.hpp"
#include "storage/device/extent_map.hpp"

#include <libtorrent/fwd.hpp>
#include <libtorrent/units.hpp>

#include <stop_token>
#include <string>
#include <vector>

namespace rawswarm
{

// Pieces that change when a system starts: those with the beginning of each partition, where file systems
// keep the time of their last mount, and others spread over the whole source. device: its path, for its
// table.
std::vector<lt::piece_index_t> sample_pieces(
	std::string const& device, extent_map const& extents, lt::torrent_info const& torrent);

// Hashes them and tells the storage of each. Returns how many differ.
result<int> hash_sample(
	storage_target& storage, std::vector<lt::piece_index_t> const& pieces, std::stop_token const& stop);

} // namespace rawswarm
