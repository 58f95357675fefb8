// SPDX-License-Identifier: BSD-3-Clause
// Notices hosts that are gone without a word: whose power failed, whose cable was pulled. TCP would take
// minutes, and until then libtorrent neither dials them again nor lets them dial.
//
// A connection on which something was sent and nothing is confirmed ends after five seconds, and a silent one
// by the kernel's probes: at once if the host is back, and after ten seconds if it is not. What it had been
// asked for is asked of others, and it is dialled every second (agent/swarm/room_plugin.hpp).
#pragma once

#include "agent/bittorrent/plugin_factory.hpp"

namespace rawswarm
{

// Makes the plugin of each torrent. It lives, and is called, in libtorrent's thread.
plugin_factory host_watch_plugin();

} // namespace rawswarm
