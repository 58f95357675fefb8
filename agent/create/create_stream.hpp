// SPDX-License-Identifier: BSD-3-Clause
// What `rawswarm create` decides of a source that is a stream before it reads it (packed_stream.hpp). Its
// size is known at its end alone, and file systems cannot be looked into on the way.
#pragma once

#include "agent/create/create_options.hpp"
#include "agent/create/packed_stream.hpp"
#include "base/result.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace rawswarm
{

// The source, if it is standard input, or a packed file that is to be compressed. Null: it is something else.
// fault::usage for options that a stream cannot be taken with; fault::target for a stream of something else
// than the bytes of a disk.
result<std::unique_ptr<packed_stream>> open_stream(create_options const& options);

// The name asked for, or the source's file name without .zst or .gz; of standard input, the torrent's.
result<std::string> stream_torrent_name(create_options const& options);

// That asked for, or one by what is known of the stream's size: what it says itself, or else three times the
// size of the stream. If what it says may be wrong, large enough for all that a compressed image holds.
std::int64_t stream_piece_size(create_options const& options, packed_stream const& stream);

// With --map auto what is not zero is taken.
bool skips_zeros(create_options const& options);

// That the end is none of a container's either.
result<void> check_stream_tail(
	create_options const& options, packed_stream const& stream, std::string_view tail);

} // namespace rawswarm
