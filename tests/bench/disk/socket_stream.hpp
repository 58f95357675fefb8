// SPDX-License-Identifier: BSD-3-Clause
// The same as run_stream() (block_stream.hpp) with peers at the other ends of TCP connections: what the
// kernel has taken of a peer still comes after it was told to wait, as in a room.
//
// Reads as libtorrent does: all that a socket has when it is the socket's turn, in one go. So a peer brings
// the rest of it after the block at which it was told to wait, and so does each peer that was not told yet.
#pragma once

#include "tests/bench/disk/block_stream.hpp"

#include <libtorrent/disk_interface.hpp>
#include <libtorrent/io_context.hpp>
#include <libtorrent/torrent_info.hpp>

namespace rawswarm::bench
{

// options.receive_buffer is set. Runs the io_context in the caller's thread, and the peers in one of their
// own. Errors are thrown.
void run_socket_stream(lt::disk_interface& disk, lt::io_context& ios, lt::storage_index_t storage,
	lt::torrent_info const& info, stream_options const& options, stream_result& result);

} // namespace rawswarm::bench
