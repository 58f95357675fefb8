// SPDX-License-Identifier: BSD-3-Clause
// Moves bytes between memory and a target's device, by the target's extents.
//
// Blocking; called by worker threads. to_storage_error() adds what libtorrent's contract asks for: the file
// of the torrent and the operation.
#pragma once

#include "storage/backend/coalesce.hpp"
#include "storage/backend/disk_stats.hpp"
#include "storage/backend/pending_block.hpp"
#include "storage/backend/storage_target.hpp"

#include <libtorrent/error_code.hpp>
#include <libtorrent/operations.hpp>

#include <span>

#include <sys/uio.h>

namespace rawswarm
{

// Fills the buffers with the bytes at this offset inside the piece. Pad files read as zeros.
result<void> read_range(
	storage_target& target, lt::piece_index_t piece, int offset, std::span<iovec const> buffers);
result<void> read_range(storage_target& target, lt::piece_index_t piece, int offset, std::span<char> bytes);

// Writes blocks of one target in as few runs as their offsets allow, in the order of the device. Sets
// `error` of every block that has a part in a failed run; the first failure ends the target, and the
// runs after it are not tried.
void write_blocks(storage_target& target, std::span<pending_block> blocks, coalesce_settings const& settings,
	disk_stats& stats);

lt::storage_error to_storage_error(error const& e, lt::operation_t operation);

// For a call that the end of the backend, or of the target, overtook.
lt::storage_error aborted(lt::operation_t operation);

} // namespace rawswarm
