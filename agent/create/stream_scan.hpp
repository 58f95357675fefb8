// SPDX-License-Identifier: BSD-3-Clause
// Reads a stream once and yields the parts of its torrent, as create_scan.hpp does of a device: the same as
// of the image that it unpacks to. The calling thread unpacks, those of piece_hash_pool hash.
#pragma once

#include "agent/create/create_scan.hpp"
#include "agent/create/packed_stream.hpp"
#include "base/result.hpp"

#include <cstdint>
#include <string>

namespace rawswarm
{

struct scanned_stream
{
	scanned_source source;
	std::uint64_t size = 0; // bytes of what it unpacks to
	std::string tail; // the last ones, format_tail_bytes unless there are fewer
};

// skip_zeros: extents over the blocks that are not all zero, else one over all. Progress counts the bytes of
// the stream. fault::usage as soon as there are too many pieces, fault::target for a stream that holds
// nothing; other errors are those of the stream.
result<scanned_stream> scan_stream(packed_stream& stream, bool skip_zeros, scan_settings const& settings);

} // namespace rawswarm
