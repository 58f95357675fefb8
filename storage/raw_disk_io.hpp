// The disk backend that libtorrent is given: threads and posting, nothing else.
//
// libtorrent calls every member from its network thread. Work that may block goes to two pools of
// threads, one for the devices and one for hashing; jobs gather until submit_jobs() starts them. Every
// handler is posted to libtorrent's io_context exactly once, whatever happens, in batches where
// several end together. Lives as long as the session.
//
// A block is copied once, into the pool, and answers reads from there until it is given up. It is
// written when its piece has gathered profile.max_blocks of them, when the piece is hashed, when
// the torrent stops or when memory asks. Above the high watermark peers are told to wait, and woken
// below the low one. With no block left at all the caller's own buffer is written at once: that stalls
// the network, but memory stays within the budget and nothing can wait for itself.
#pragma once

#include "storage/storage_context.hpp"

#include <libtorrent/session_params.hpp>

#include <memory>

namespace rawswarm
{

lt::disk_io_constructor_type raw_disk_io_constructor(std::shared_ptr<storage_context> context);

} // namespace rawswarm
