// SPDX-License-Identifier: BSD-3-Clause
// A request of a peer to read, or of a piece that is loaded (piece_load.hpp).
#pragma once

#include "storage/backend/open_storage.hpp"
#include "storage/backend/piece_key.hpp"

#include <libtorrent/disk_buffer_holder.hpp>
#include <libtorrent/error_code.hpp>
#include <libtorrent/peer_request.hpp>

#include <functional>
#include <memory>

namespace rawswarm
{

struct piece_load;

using read_handler = std::function<void(lt::disk_buffer_holder, lt::storage_error const&)>;

struct read_job
{
	std::shared_ptr<open_storage> storage;
	lt::peer_request request; // may straddle two blocks
	read_handler handler;
	bool keep = true; // in memory, for the next peer
	bool as_frame = false; // may be answered with a frame (frame_packer.hpp)
	std::shared_ptr<piece_load> load = nullptr; // set: the block is this one's, and there is no handler

	piece_key key() const { return storage->key(request.piece); }
	block_index first_block() const { return {request.start / block_size}; }

	// From the start of a block, so that one block of the pool holds it all.
	bool is_block() const { return request.start % block_size == 0 && request.length <= block_size; }
};

} // namespace rawswarm
