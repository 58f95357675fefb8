// SPDX-License-Identifier: BSD-3-Clause
// The blocks of an image as the peers of a room send them: the same ones in the same order for every backend.
//
// Each peer sends one piece after the other, block by block; the peers take turns, so there are as many
// partial pieces as peers. The order of the pieces is random and fixed by the seed. A peer that the backend
// tells to wait waits until its observer is called. Runs the io_context in the caller's thread, which stands
// for libtorrent's network thread: a batch of blocks, then submit_jobs, then the handlers.
//
// Or the peers are at the other ends of sockets, and what they have sent before they were told to wait still
// comes (socket_stream.hpp).
#pragma once

#include "storage/backend/latency_histogram.hpp"

#include <libtorrent/disk_interface.hpp>
#include <libtorrent/io_context.hpp>
#include <libtorrent/torrent_info.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace rawswarm::bench
{

inline constexpr int piece_bytes = 1024 * 1024;

// The content of a block of 16 KiB: one of 64 blocks of random bytes, stamped with its location. 64 blocks
// stay in the processor's cache, like a buffer that a socket was just read into. Valid until the next call,
// by one thread at a time.
char const* block_content(int piece, int block);

// The pieces in random order.
std::vector<int> order_of(int pieces, std::uint64_t seed);

// A torrent with one file, "0x00000000", of `pieces` whole pieces.
std::shared_ptr<lt::torrent_info const> make_image_torrent(int pieces);

// The same as a .torrent file.
struct image_torrent_file
{
	std::string bytes;
	std::string info_hash; // 40 hexadecimal digits
};

image_torrent_file make_image_torrent_file(int pieces);

struct stream_options
{
	int peers = 8;
	std::uint64_t seed = 1;
	std::chrono::seconds time_limit{60}; // no new piece begins after that

	// The peers send over TCP, and the kernel has so many bytes for what each of them has sent, as
	// setsockopt() takes them; 0: as many as it likes. Nothing: no sockets.
	std::optional<int> receive_buffer;
};

struct stream_result
{
	std::int64_t bytes = 0; // of whole pieces
	std::vector<int> pieces; // that were sent
	int wrong_hashes = 0;
	int errors = 0; // handlers that were called with an error
	latency_histogram latency; // from async_write to its handler
	int most_late = 0; // blocks that came until peers were woken, although their senders were to wait
};

// Returns once every handler was called and the torrent was stopped: the backend has written everything then.
void run_stream(lt::disk_interface& disk, lt::io_context& ios, lt::storage_index_t storage,
	lt::torrent_info const& info, stream_options const& options, stream_result& result);

} // namespace rawswarm::bench
