// SPDX-License-Identifier: BSD-3-Clause
// The dictionary "rawswarm" inside the info dictionary: facts about the source that BitTorrent has no keys
// for. `rawswarm create` writes it, other programs skip it, and the info-hash covers it.
//
//     "size"   integer: bytes in the whole source, a disk or an image
//     "gaps"   "zero": the source holds zeros wherever the torrent has no extent, up to "size". Or a list of
//              integers, an offset and a length and so on: it does in these ranges, and holds what nobody
//              needs, such as the free blocks of a file system, in the other gaps
//     "sector_size"  integer: bytes of the sectors that the partition table of the source counts in
//     "smallest"  integer: bytes of the smallest disk that would do, if the last partition ended with it; the
//              size of the source, if that cannot be. Not without a partition table
//     "gpt_ends"  list of four integers, the numbers of a GPT that depend on the size of its disk, in
//     sectors:
//              the length of its guard, the place of its copy, the last sector for partitions, and the last
//              one of the partition that lies last
//
// Unknown keys are skipped. An unknown value of a known key is refused, as it may promise something about the
// image that would not be carried out.
#pragma once

#include "base/result.hpp"
#include "storage/device/extent_map.hpp"
#include "storage/device/gpt_ends.hpp"

#include <libtorrent/entry.hpp>
#include <libtorrent/fwd.hpp>

#include <cstdint>
#include <optional>
#include <vector>

namespace rawswarm
{

inline constexpr char const* hints_key = "rawswarm";

struct torrent_hints
{
	std::optional<std::uint64_t> source_size; // bytes; empty: not known (a folder, other programs' torrents)
	// The source holds zeros wherever they have no extent. Sorted, apart from each other, not beyond
	// source_size; empty without it.
	std::vector<byte_range> zero_ranges = {};
	std::optional<std::uint64_t> sector_size = {}; // bytes; empty: no partition table, or not known
	std::optional<std::uint64_t> smallest = {}; // bytes, not above source_size; empty: not known
	std::optional<gpt_ends> ends = {}; // of the GPT of the source; empty: not known, or another table
};

// The value for hints_key. Only for hints that have a source_size.
lt::entry write_hints(torrent_hints const& hints);

// No hints in a torrent without hints_key. Refused (fault::refused): a wrong type, a size that is not
// positive or that lies before the end of the extents, "gaps" of another value, of more than 65536 ranges or
// without "size", a "sector_size" that is no power of two from 512 to 65536.
result<torrent_hints> read_hints(lt::torrent_info const& torrent, extent_map const& extents);

} // namespace rawswarm
