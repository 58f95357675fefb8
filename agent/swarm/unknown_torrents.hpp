// SPDX-License-Identifier: BSD-3-Clause
// Tells of peers that connect and ask for a torrent which the session does not have. They are turned away,
// and may dial again.
#pragma once

#include <libtorrent/fwd.hpp>

#include <functional>
#include <memory>
#include <string>

namespace rawswarm
{

// on_asked: called in libtorrent's thread with the info-hash, 40 hex digits, for each such connection.
std::shared_ptr<lt::plugin> unknown_torrents_plugin(std::function<void(std::string info_hash)> on_asked);

} // namespace rawswarm
