// SPDX-License-Identifier: BSD-3-Clause
// The type of a function that makes a torrent's plugin, as lt::add_torrent_params::extensions takes it.
//
// libtorrent calls it once per torrent, in its network thread.
#pragma once

#include <libtorrent/client_data.hpp>
#include <libtorrent/fwd.hpp>

#include <functional>
#include <memory>

namespace rawswarm
{

using plugin_factory =
	std::function<std::shared_ptr<lt::torrent_plugin>(lt::torrent_handle const&, lt::client_data_t)>;

} // namespace rawswarm
