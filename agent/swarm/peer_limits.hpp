// SPDX-License-Identifier: BSD-3-Clause
// Keeps the peers of a session within what peer_budget allows them: a plugin of the session, which looks at
// all connections twice per second, in libtorrent's thread.
#pragma once

#include "storage/backend/storage_context.hpp"

#include <libtorrent/extensions.hpp>
#include <libtorrent/peer_class.hpp>
#include <libtorrent/socket.hpp>

#include <functional>
#include <memory>

namespace rawswarm
{

// Percent: a connection of a crowded address is refused when a quarter of the connections are there.
inline constexpr int crowded_limit_factor = 400;

// crowded: a class of peers, with that connection_limit_factor. on_talker: called in libtorrent's thread for
// a peer that was hung up on because of what it sends.
std::shared_ptr<lt::plugin> peer_limits_plugin(std::shared_ptr<storage_context> storage,
	lt::peer_class_t crowded, std::function<void(lt::tcp::endpoint const&)> on_talker);

} // namespace rawswarm
