// SPDX-License-Identifier: BSD-3-Clause
// The body of an rs_frame message: a block as a frame of zstd (docs/protocol.md), or whether the sender takes
// frames.
//
//   PIECE BEGIN LENGTH FRAME   three big-endian numbers of 32 bits; LENGTH is that of the frame
//   FLAG                       one byte: 1, the sender takes frames (as at first); 0, it wants blocks alone
//
// Pure.
#pragma once

#include "base/result.hpp"

#include <libtorrent/peer_request.hpp>
#include <libtorrent/torrent_info.hpp>

#include <span>
#include <string>

namespace rawswarm
{

// Where LENGTH begins.
inline constexpr std::size_t frame_length_at = 8;
inline constexpr std::size_t frame_begins_at = 12;

// Longer bodies need not be waited for.
std::size_t longest_frame_message();

// Which block the message holds, if it is one that fits the torrent and its frame is whole and says to hold
// just that block (check_frame()). Refused (fault::refused): anything else.
result<lt::peer_request> read_frame_message(std::span<char const> body, lt::torrent_info const& torrent);

std::string takes_frames_message(bool takes);

} // namespace rawswarm
