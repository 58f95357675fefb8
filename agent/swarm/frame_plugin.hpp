// SPDX-License-Identifier: BSD-3-Clause
// The extension rs_frame (BEP 10): blocks as frames of zstd between members that both know it.
//
// Whoever knows it says so in its handshake, and is then sent blocks as frames
// (agent/bittorrent/frame_message.hpp) where that is shorter; everyone else gets ordinary blocks. Which block
// goes as a frame, and where its frame comes from, is the disk backend's business
// (storage/backend/frame_packer.hpp): libtorrent reads for the peer with the flag takes_frame, and gets fewer
// bytes than the block has.
//
// With `auto`, frames are sent and asked for as long as the processors are not the limit
// (processor_limit.hpp), which is one decision for all connections of the session.
//
// A frame that is no frame of the block it is said to be is treated as wrong data: the sender is banned.
//
// The plugin lives in libtorrent's network thread and is called there; the counters may be read by any
// thread.
#pragma once

#include "agent/bittorrent/plugin_factory.hpp"
#include "agent/manifest/manifest.hpp"
#include "agent/swarm/wrong_data.hpp"
#include "storage/backend/storage_context.hpp"

#include <atomic>
#include <cstdint>
#include <memory>

namespace rawswarm
{

// The blocks of one torrent, so far. Bytes: of the image, and those that the wire carried for them.
struct frame_counts
{
	using counter = std::atomic<std::int64_t>;

	counter sent{0}; // or in the send buffer
	counter wire_sent{0};
	counter received{0};
	counter wire_received{0};
};

// Of one session: its torrents share it.
class frame_switch;
std::shared_ptr<frame_switch> make_frame_switch(
	block_compression mode, std::shared_ptr<storage_context> storage);

plugin_factory frame_plugin(
	std::shared_ptr<frame_switch> shared, std::shared_ptr<frame_counts> counts, culprit_handler on_culprit);

} // namespace rawswarm
