// SPDX-License-Identifier: BSD-3-Clause
// libtorrent's settings for a room: equal hosts on one LAN that all want the same image. Pure.
#pragma once

#include "agent/manifest/manifest.hpp"

#include <libtorrent/ip_filter.hpp>
#include <libtorrent/settings_pack.hpp>

namespace rawswarm
{

lt::settings_pack make_settings(manifest_swarm const& swarm);

// Everyone, or only the networks of swarm.allow.
lt::ip_filter make_ip_filter(manifest_swarm const& swarm);

} // namespace rawswarm
