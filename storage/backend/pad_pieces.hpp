// SPDX-License-Identifier: BSD-3-Clause
// The pieces of a torrent that lie in pad files (BEP 47) alone.
//
// No peer is asked for them and nothing of them is on the device: they are right if their hashes are those of
// zeros. libtorrent takes them for granted.
#pragma once

#include "base/result.hpp"
#include "storage/device/extent_map.hpp"

#include <libtorrent/fwd.hpp>
#include <libtorrent/units.hpp>

#include <vector>

namespace rawswarm
{

// Those whose hashes are right. fault::refused: one is not, so that the torrent can never be complete.
result<std::vector<lt::piece_index_t>> find_pad_pieces(
	lt::torrent_info const& torrent, extent_map const& extents);

} // namespace rawswarm
