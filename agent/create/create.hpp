// SPDX-License-Identifier: BSD-3-Clause
// `rawswarm create`: makes an offset-named torrent from a disk, a partition, an image file or a folder
// of offset-named files.
//
// The source is read once, by the calling thread, while others hash. The same source, name and options
// give the same torrent, to the byte. Errors: fault::usage for options that make no sense,
// fault::target for a source or an output that will not do, fault::refused for a folder whose files are
// no extents, fault::device for a read that failed.
#pragma once

#include "agent/net/tracker_url.hpp"
#include "base/result.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace rawswarm
{

struct create_options
{
	std::string source; // a block device, an image file, or a folder of offset-named files
	std::string output; // the .torrent; written beside it and renamed, so never half there
	bool skip_zeros = false; // leave blocks of 16 KiB that hold only zeros out; not for a folder
	bool allow_mounted = false; // read a device that is mounted for writing and may change meanwhile
	std::int64_t piece_size = 0; // bytes, a power of two, 16 KiB to 16 MiB; 0: by the size of the source
	std::vector<tracker_url> trackers; // each a tier of its own
	std::string name; // the torrent's name; empty: the source's file name
	int threads = 0; // hashing threads; 0: one a core, within reason
	std::function<void(std::int64_t done, std::int64_t total)> progress; // from the calling thread
};

struct create_summary
{
	std::string info_hash; // v1, 40 hex digits
	std::int64_t source_size = 0; // bytes; of a folder, up to the end of its last extent
	std::int64_t extents = 0;
	std::int64_t bytes = 0; // in extents
	std::int64_t piece_size = 0;
	std::int64_t pieces = 0;
};

result<create_summary> create(create_options const& options);

// The piece size for so many bytes when none is asked for.
std::int64_t automatic_piece_size(std::uint64_t bytes);

} // namespace rawswarm
