// SPDX-License-Identifier: BSD-3-Clause
// The check of a seed's piece before it is first sent, by its seal (storage/device/piece_seal.hpp) in place
// of its hash.
//
// Frames that the device has are checked as they are stored: they are not unpacked. Bytes are read into the
// cache as they are to be hashed, as peers will ask for them.
#pragma once

#include "storage/backend/disk_stats.hpp"
#include "storage/backend/open_storage.hpp"
#include "storage/backend/piece_hasher.hpp"

#include <libtorrent/units.hpp>

namespace rawswarm
{

// The seals by which the piece may be checked: it is asked for to be sent, its storage has seals, and nothing
// was written to it; otherwise nullptr. They stay where they are for as long as the storage, also once they
// are dropped.
piece_seals const* usable_seals(open_storage& storage, hash_request const& request);

// Worker: whether the piece is what was sealed. Errors: fault::device, of reading it.
result<bool> passes_seal(open_storage& storage, piece_seals const& seals, lt::piece_index_t piece,
	piece_hasher& hasher, hash_request const& request, disk_stats& stats);

} // namespace rawswarm
