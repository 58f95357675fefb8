// SPDX-License-Identifier: BSD-3-Clause
// The peers of a torrent as libtorrent lists them, as displays show them. Pure.
#pragma once

#include "agent/progress/peer_progress.hpp"

#include <libtorrent/peer_info.hpp>

#include <vector>

namespace rawswarm
{

// Those with whom a connection is still being made are left out.
std::vector<peer_progress> peer_list(std::vector<lt::peer_info> const& peers);

} // namespace rawswarm
