// SPDX-License-Identifier: BSD-3-Clause
// What a torrent itself says about where to find peers: its trackers, its web seeds, the private flag. The
// job alone names sources, so most of it is not used; the log tells, as other programs would use it.
#pragma once

#include "agent/manifest/manifest.hpp"

#include <libtorrent/torrent_info.hpp>

#include <string>
#include <vector>

namespace rawswarm
{

// The URLs of the trackers that are asked for a torrent: those of the job, and the torrent's own if the job
// says so. Logs what of the torrent is left out.
std::vector<std::string> trackers_of(lt::torrent_info const& torrent, manifest_swarm const& settings);

} // namespace rawswarm
