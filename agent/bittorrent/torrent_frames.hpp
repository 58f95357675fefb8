// SPDX-License-Identifier: BSD-3-Clause
// The dictionary "rawswarm frames" of a torrent (beside_info.hpp): where pieces lie in the compressed image
// that was made with it, so that who fetches them from a web server needs no table of all blocks
// (storage/device/frame_lengths.hpp).
//
//     "lengths"  string: four bytes for each piece, little-endian: the bytes of its frames
//
// A file of that size on a server may hold other frames: then the hash of a piece tells, and the table is
// read. Pure.
#pragma once

#include "base/result.hpp"

#include <libtorrent/entry.hpp>

#include <cstdint>
#include <string_view>
#include <vector>

namespace rawswarm
{

inline constexpr char const* frames_key = "rawswarm frames";

// The value for frames_key.
lt::entry write_frame_lengths(std::vector<std::uint32_t> const& of_pieces);

// bytes: a torrent that load_torrent() takes, with so many pieces. Empty without frames_key. Refused
// (fault::refused): lengths of another number of pieces.
result<std::vector<std::uint32_t>> read_frame_lengths(std::string_view bytes, int pieces);

} // namespace rawswarm
