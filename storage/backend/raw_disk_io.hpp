// SPDX-License-Identifier: BSD-3-Clause
// The disk backend that libtorrent is given: threads and posting, nothing else.
//
// libtorrent calls every member from its network thread. Work that may block goes to two pools of
// threads, one for the devices and one for hashing; jobs gather until submit_jobs() starts them. Every
// handler is posted to libtorrent's io_context exactly once, whatever happens, in one post where
// several end together. Lives as long as the session.
//
// A block is copied once, into the pool, and answers reads and is hashed from there until it is evicted.
// block_writer decides when it is written, block_reader what is read ahead. Above the critical mark
// of backpressure.hpp peers are told to wait, and woken below the low one. With no block left at all one is
// taken beyond the budget.
//
// settings_updated() takes over memory, threads and limits from storage_context::settings(); the number of
// shards stays.
#pragma once

#include "storage/backend/storage_context.hpp"

#include <libtorrent/session_params.hpp>

#include <memory>

namespace rawswarm
{

lt::disk_io_constructor_type raw_disk_io_constructor(std::shared_ptr<storage_context> context);

} // namespace rawswarm
