// SPDX-License-Identifier: BSD-3-Clause
#include "agent/swarm/torrent_params.hpp"

#include "agent/bittorrent/piece_number.hpp"
#include "agent/swarm/torrent_sources.hpp"

#include <libtorrent/torrent_flags.hpp>

#include <cstddef>
#include <memory>

namespace rawswarm
{

lt::typed_bitfield<lt::piece_index_t> as_bitfield(std::vector<bool> const& pieces)
{
	lt::typed_bitfield<lt::piece_index_t> bits(static_cast<int>(pieces.size()));
	for (std::size_t i = 0; i < pieces.size(); ++i)
	{
		if (pieces[i])
		{
			bits.set_bit(piece_index(i));
		}
	}
	return bits;
}

lt::add_torrent_params make_torrent_params(lt::torrent_info const& torrent, manifest_swarm const& settings,
	target_role const role, std::vector<bool> const& have, bool const is_whole)
{
	lt::add_torrent_params params;
	params.ti = std::make_shared<lt::torrent_info>(torrent);
	params.trackers = trackers_of(torrent, settings);
	params.flags = lt::torrent_flags::update_subscribe | lt::torrent_flags::apply_ip_filter
		| lt::torrent_flags::duplicate_is_error
		// the job alone names sources, not the torrent
		| lt::torrent_flags::override_trackers | lt::torrent_flags::override_web_seeds;
	if (role == target_role::seed)
	{
		params.flags |= lt::torrent_flags::upload_mode; // nothing is requested
	}
	if (is_whole)
	{
		params.flags |= lt::torrent_flags::seed_mode; // which hashes before it sends
	}
	else
	{
		params.have_pieces = as_bitfield(have);
	}
	if (!settings.lsd)
	{
		params.flags |= lt::torrent_flags::disable_lsd;
	}
	return params;
}

} // namespace rawswarm
