// SPDX-License-Identifier: BSD-3-Clause
// How a target's torrent is added to the session. Pure.
#pragma once

#include "agent/manifest/manifest.hpp"

#include <libtorrent/add_torrent_params.hpp>
#include <libtorrent/bitfield.hpp>
#include <libtorrent/torrent_info.hpp>
#include <libtorrent/units.hpp>

#include <string>
#include <vector>

namespace rawswarm
{

lt::typed_bitfield<lt::piece_index_t> as_bitfield(std::vector<bool> const& pieces);

// have: what need not be fetched. is_whole: the target has all, and each piece is checked before it is sent
// for the first time. Extensions are for the caller to add.
lt::add_torrent_params make_torrent_params(lt::torrent_info const& torrent, manifest_swarm const& settings,
	target_role role, std::vector<bool> const& have, bool is_whole);

} // namespace rawswarm
