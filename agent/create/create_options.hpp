// SPDX-License-Identifier: BSD-3-Clause
// The task of `rawswarm create`. A plain value.
#pragma once

#include "agent/net/tracker_url.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace rawswarm
{

enum class map_source
{
	none, // the whole source
	file_systems, // its partitions' own maps
	partclone, // a torrent.info
	bmap
};

// Who says which parts of the source are in use.
struct map_choice
{
	map_source from = map_source::none;
	std::string file; // that has the map
};

struct create_options
{
	// A block device, an image file, a folder of offset-named files; with compress also a file that is
	// compressed by zstd or gzip, or "-" for standard input.
	std::string source;
	std::string output; // the .torrent; written beside it and renamed, so that it is whole or not there
	bool skip_zeros =
		false; // leave out blocks of 16 KiB that hold only zeros; not for a folder, nor with a map
	map_choice map; // not for a folder
	bool allow_unclean = false; // take what is not zero of a file system whose map cannot be trusted
	bool raw = false; // take the source's bytes as they are, whatever format they seem to have
	bool allow_mounted = false; // read a device that is mounted for writing and may change meanwhile
	std::int64_t piece_size = 0; // bytes, a power of two, 16 KiB to 16 MiB; 0: by the amount of data
	std::vector<tracker_url> trackers; // each a tier of its own
	std::string name; // the torrent's name; empty: the source's file name
	std::optional<int> compress; // also write a compressed image, at this level of zstd
	int threads = 0; // hashing threads; 0: one per core, 8 at most
	// From the calling thread: bytes to be read, which is what the source has in use; of a packed stream
	// those of the stream. total is 0 where it is not known.
	std::function<void(std::int64_t done, std::int64_t total)> progress;

	// What a person should know before hours of reading.
	std::function<void(std::string const&)> note;

	std::stop_token stop = {}; // ends the reading of a device or an image file early, as an error
};

} // namespace rawswarm
