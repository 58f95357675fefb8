// SPDX-License-Identifier: BSD-3-Clause
// How large the pieces of a torrent are, and how many there may be. Pure; sizes in bytes.
#pragma once

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "storage/device/units.hpp"

#include <cstdint>
#include <string>

namespace rawswarm
{

inline constexpr std::int64_t smallest_piece = block_size;
inline constexpr std::int64_t largest_piece = 16_MiB;

// libtorrent loads no more by default (load_torrent_limits::max_pieces).
inline constexpr std::uint64_t max_pieces = 0x200000;

// For so many bytes of data: from 256 KiB to 4 MiB, and more only if 4 MiB would give too many pieces.
std::int64_t automatic_piece_size(std::uint64_t data);

// "piece size 16384: disk.img has 1099511627776 bytes of data, which would be more than 2097152 pieces; a
// piece size of 524288 would do". fault::usage.
//
// data: what the torrent holds, so far as it is known. most: what it may hold at most.
error too_many_pieces(
	std::string const& source, std::int64_t piece_size, std::uint64_t data, std::uint64_t most);

// Whether so many bytes are no more than max_pieces pieces.
bool has_few_pieces(std::uint64_t data, std::int64_t piece_size) noexcept;

} // namespace rawswarm
