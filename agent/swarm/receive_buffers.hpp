// SPDX-License-Identifier: BSD-3-Clause
// Shares out the memory that the kernel may fill with what peers send, ahead of the program.
//
// libtorrent reads all that a socket holds in one go, and a peer that was told to stop has still sent it. If
// the kernel were left alone a socket would hold megabytes: with a device slower than the network that is
// memory beside the budget, which nobody limits, and blocks for which the budget has no room. So the buffers
// of all peers together get a share of the budget, and the backend keeps as much of it free
// (storage_context::set_in_flight_blocks()).
#pragma once

#include "agent/swarm/room_plugin.hpp"
#include "storage/backend/storage_context.hpp"

#include <cstddef>
#include <memory>

namespace rawswarm
{

// For so many connected peers. The kernel takes up to twice the number of a buffer, for what it keeps beside
// the bytes; in_flight counts that, and what libtorrent has read. Pure.
struct receive_buffer_sizes
{
	int each = 0; // bytes, as setsockopt() takes them
	int in_flight = 0; // blocks of all peers together

	static receive_buffer_sizes of(std::size_t budget, int peers, bool limited_rate);
};

// Makes the plugin of each torrent; all torrents of a session share one. limited_rate: the job limits the
// rate of its downloads. The plugin lives, and is called, in libtorrent's thread.
plugin_factory receive_buffers_plugin(std::shared_ptr<storage_context> storage, bool limited_rate);

} // namespace rawswarm
