// SPDX-License-Identifier: BSD-3-Clause
// `rawswarm create`: makes an offset-named torrent from a disk, a partition, an image file or a folder
// of offset-named files; with compress also from a stream, which may be compressed (packed_stream.hpp).
//
// The source is read once, by the calling thread, while others hash. The same source, name and options give
// the same torrent, to the byte. So that this needs one pass, the default piece size is chosen before it: by
// the size of the source, or with skip_zeros by what the file system says is not a hole. An image that lost
// its holes in a copy may get another piece size; --piece-size settles it.
//
// Errors: fault::usage for options that make no sense, and for a piece size that gives too many pieces;
// fault::target for a source or an output that will not do, and for a source that changed while it was read,
// fault::refused for a folder whose files are no extents, fault::device for a read that failed.
#pragma once

#include "agent/create/create_options.hpp"
#include "agent/source_map/source_map.hpp"
#include "base/result.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace rawswarm
{

struct create_summary
{
	std::string info_hash; // v1, 40 hex digits
	std::int64_t source_size = 0; // bytes; of a folder, up to the end of its last extent
	std::int64_t extents = 0;
	std::int64_t bytes = 0; // in extents
	std::int64_t piece_size = 0;
	std::int64_t pieces = 0;
	std::string compressed_image; // its path; empty: none was asked for
	std::int64_t compressed_bytes = 0; // of the file

	struct part
	{
		source_part of;
		std::uint64_t taken = 0; // bytes of it in extents
	};
	std::string changes = {}; // of the source while it was read, if that was allowed; empty: none
	std::vector<part> parts = {}; // of the map, if there is one
};

result<create_summary> create(create_options const& options);

struct created_torrent
{
	create_summary summary;
	std::string bytes; // of the .torrent
};

// The same of a device or an image file, without an output: the torrent stays in memory, 50 MB at most.
result<created_torrent> create_in_memory(create_options const& options);

} // namespace rawswarm
