// SPDX-License-Identifier: BSD-3-Clause
// The traffic of one target.
#pragma once

#include "agent/swarm/frame_plugin.hpp"

#include <libtorrent/fwd.hpp>

#include <cstdint>

namespace rawswarm
{

// Web seeds included. Payload only: no protocol overhead. Bytes of the image, however short the frames were
// that they came or went in, unless it says wire.
struct transfer_stats
{
	std::int64_t down = 0; // bytes per second
	std::int64_t up = 0; // bytes per second
	std::int64_t uploaded = 0; // bytes
	std::int64_t downloaded = 0; // bytes
	std::int64_t useful = 0; // bytes of them that helped: not twice, and not in a piece that failed its hash
	std::int64_t wire_uploaded = 0; // bytes
	std::int64_t wire_downloaded = 0; // bytes
	int peers = 0;
	int needy_peers = 0; // peers without the whole image, sources that hide what they have left out
	bool is_shown = true; // by this target: of those that share a torrent one shows its traffic

	// Of the image's bytes to those on the wire, both ways together; 1 before the first.
	double ratio() const
	{
		auto const wire = wire_uploaded + wire_downloaded;
		return wire > 0 ? double(uploaded + downloaded) / double(wire) : 1;
	}
};

// Takes over what was sent and received by now.
void take_counts(transfer_stats& stats, frame_counts const& counts);

// Takes over all but the needy peers.
void take_status(transfer_stats& stats, frame_counts const& counts, lt::torrent_status const& status);

} // namespace rawswarm
