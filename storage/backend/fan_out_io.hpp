// SPDX-License-Identifier: BSD-3-Clause
// Writes one torrent to several targets: what libtorrent takes for one storage is one in raw_disk_io for each
// target of the torrent (storage_context::add_group).
//
// What arrives goes to every target, each with its own copy in memory, its own queue and its own hash, and a
// call is answered once all have answered; peers are served by the first. A target that fails or leaves is
// left out from then on, and no call waits for it any longer, so that a device that hangs stops the others
// only until it has failed. A call fails only if it did so for all. A piece whose hash differs for one target
// is wrong for all, and arrives again.
//
// A torrent of one target goes straight through. Threads and lifetime as in raw_disk_io.hpp: all state here
// belongs to libtorrent's network thread.
#pragma once

#include "storage/backend/storage_context.hpp"

#include <libtorrent/session_params.hpp>

#include <memory>

namespace rawswarm
{

lt::disk_io_constructor_type fan_out_io_constructor(std::shared_ptr<storage_context> context);

} // namespace rawswarm
