// SPDX-License-Identifier: BSD-3-Clause
// What a room is to get: a device's bytes, the torrent of the part of them that is used, and how far that
// part can be compressed. Errors are thrown.
#pragma once

#include <cstdint>
#include <string>

namespace rawswarm::bench
{

struct room_content
{
	std::string image; // a file with all bytes of the device
	std::string torrent; // of the image without blocks of zeros
	std::string source; // the file that rawswarm seeds: the image, or the compressed image
	std::string payload; // a file with the torrent's bytes alone, for programs that know no gaps
	std::string payload_torrent; // of that file
	std::int64_t device_bytes = 0;
	std::int64_t bytes = 0; // of the payload
	std::int64_t packed_bytes = 0; // of the payload's blocks, each a frame of zstd at level 1, or as it is
	std::size_t extents = 0; // of the payload on the device
	int piece_size = 0; // bytes
};

enum class seed_source
{
	raw,
	compressed // as `rawswarm create --compress` makes it
};

struct content_settings
{
	std::string folder; // for all files
	int mib = 0; // the payload
	int piece_size = 0; // bytes
	seed_source source = seed_source::raw;
};

// Bytes that cannot be compressed, without gaps.
room_content random_content(content_settings const& settings);

// Makes the rest of what belongs to the image, which is in the folder.
room_content content_of(std::string const& image, content_settings const& settings);

} // namespace rawswarm::bench
