// SPDX-License-Identifier: BSD-3-Clause
// Who sent wrong data.
//
// A piece whose blocks came from one peer alone and that fails its hash convicts that peer, and libtorrent
// bans it. Of a piece that came from several it cannot say who it was: all of them go on parole, which means
// that each is asked for whole pieces only until one has passed, so the next that fails convicts its peer.
// Two things go wrong with that, and this plugin mends them (libtorrent_internals.hpp):
//
// - libtorrent also bans whoever had part in four such pieces more than it had in good ones. A peer that
//   spoils one block in each of the pieces under way takes the seeder along in a moment.
// - When all peers are on parole, a piece that has blocks of several is never finished.
//
// (libtorrent's own remedy, smart-ban, may keep pointers to peers that are gone, in 2.0.11.)
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
using convicted_handler = std::function<void(lt::tcp::endpoint const& peer, lt::piece_index_t piece)>;

// One for each torrent, as lt::add_torrent_params::extensions takes it.
plugin_factory wrong_data_plugin(convicted_handler on_convicted);

} // namespace rawswarm
