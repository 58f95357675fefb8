// SPDX-License-Identifier: BSD-3-Clause
// Files in which other programs say which parts of a disk are in use.
//
// Pure: text in, ranges out. Errors are fault::refused and name the line. `name`: of the file, for messages.
#pragma once

#include "agent/source_map/source_map.hpp"
#include "base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace rawswarm
{

// The ranges in use, sorted, and the size of the device that the file is about, in bytes.
struct map_file
{
	std::vector<source_area> areas;
	std::uint64_t size = 0;
};

// A map of ddrescue (GNU ddrescue's manual, "Mapfile structure"), which `partclone.* -D` writes of a file
// system: lines "OFFSET SIZE STATUS", of which those with the status + are in use.
result<map_file> parse_domain_log(std::string_view text, std::string const& name);

// torrent.info, which `partclone.* -c -T` writes: lines "block_size: BYTES", "blocks_total: COUNT" in
// decimal, then "offset: HEX" and "length: HEX" for each extent; hashes of pieces are skipped.
result<map_file> parse_torrent_info(std::string_view text, std::string const& name);

// A bmap (github.com/yoctoproject/bmaptool, formats 1.3 to 2.0): XML with the numbers of the blocks that are
// in use and the checksum of each range of them. The file's own checksum must be right.
result<map_file> parse_bmap(std::string_view text, std::string const& name);

} // namespace rawswarm
