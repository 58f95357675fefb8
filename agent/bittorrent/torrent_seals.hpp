// SPDX-License-Identifier: BSD-3-Clause
// The dictionary "rawswarm seals" of a torrent: the checksums by which its seeder checks pieces before it
// sends them (storage/device/piece_seal.hpp). It stands beside the info dictionary, so that the info-hash
// does not cover it (beside_info.hpp): who seeds trusts the file that it was given, and peers need none of
// it.
//
//     "raw"     string: eight bytes for each piece, little-endian: the seal of its bytes
//     "frames"  string: the same of its frames in the compressed image that was made with the torrent
//
// Pure. Unknown keys are skipped.
#pragma once

#include "base/result.hpp"
#include "storage/device/piece_seal.hpp"

#include <libtorrent/entry.hpp>

#include <string_view>

namespace rawswarm
{

inline constexpr char const* seals_key = "rawswarm seals";

// The value for seals_key. Only if there are any.
lt::entry write_seals(piece_seals const& seals);

// bytes: a torrent that load_torrent() takes, with so many pieces. None without seals_key. Refused
// (fault::refused): no dictionary there, or seals of another number of pieces.
result<piece_seals> read_seals(std::string_view bytes, int pieces);

} // namespace rawswarm
