// SPDX-License-Identifier: BSD-3-Clause
// Finds the peer that sent wrong data, and keeps libtorrent from banning others in its place.
//
// If all blocks of a piece that fails its hash came from one peer, that peer is the culprit, and libtorrent
// bans it. If they came from several, it cannot be told which of them sent the wrong one: all go on parole,
// which means that each is asked for whole pieces only until one has passed. So the next piece that fails has
// one culprit. Two things go wrong with that, and this plugin mends them
// (agent/bittorrent/libtorrent_internals.hpp):
//
// - libtorrent also bans every peer that took part in four more failed pieces than good ones. A peer that
//   spoils one block in each of the pieces under way takes the seeder along in a moment.
// - If all peers are on parole, a piece that has blocks of several is never finished.
//
// libtorrent's own remedy, smart-ban, is not used: in 2.0.11 it may keep pointers to peers that are gone.
#pragma once

#include "agent/bittorrent/plugin_factory.hpp"

#include <libtorrent/socket.hpp>
#include <libtorrent/torrent_handle.hpp>
#include <libtorrent/units.hpp>

#include <functional>
#include <memory>

namespace rawswarm
{

// Called in libtorrent's thread, before the peer is banned.
using culprit_handler = std::function<void(lt::tcp::endpoint const& peer, lt::piece_index_t piece)>;

// Makes the plugin of each torrent. It lives, and is called, in libtorrent's thread.
plugin_factory wrong_data_plugin(culprit_handler on_culprit);

} // namespace rawswarm
