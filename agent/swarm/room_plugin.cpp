// SPDX-License-Identifier: BSD-3-Clause
#include "agent/swarm/room_plugin.hpp"

#include "agent/swarm/room.hpp"

#include <libtorrent/torrent_handle.hpp>

#include <memory>

namespace rawswarm
{

plugin_factory room_plugin(room_options const& options)
{
	return [options](lt::torrent_handle const& torrent, lt::client_data_t) {
		return std::make_shared<room>(torrent, options);
	};
}

} // namespace rawswarm
