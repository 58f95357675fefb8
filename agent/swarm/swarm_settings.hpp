// SPDX-License-Identifier: BSD-3-Clause
// libtorrent's settings for a room: equal hosts on one LAN that all want the same image.
#pragma once

#include "agent/manifest/manifest.hpp"
#include "storage/backend/storage_context.hpp"

#include <libtorrent/ip_filter.hpp>
#include <libtorrent/session_params.hpp>
#include <libtorrent/settings_pack.hpp>

#include <memory>

namespace rawswarm
{

lt::settings_pack make_settings(manifest_swarm const& swarm);

// Everyone, or only the networks of swarm.allow.
lt::ip_filter make_ip_filter(manifest_swarm const& swarm);

// The settings, and the disk backend.
lt::session_params make_session_params(
	manifest_swarm const& settings, std::shared_ptr<storage_context> storage);

// Puts all peers into libtorrent's global class, which has the unchoke slots and rate limits. By default
// peers in private ranges, which in a room is everyone, are in the class of local peers, to which neither
// applies.
lt::ip_filter all_in_global_class();

} // namespace rawswarm
